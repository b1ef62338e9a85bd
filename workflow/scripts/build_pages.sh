# Put the pages, executed chapters and tables of one build together and make HTML of them.
# usage: build_pages.sh WORKSPACE CHAPTER...
#
# The source is assembled inside the workspace, so that two builds can run at the same time and
# nothing generated lies among the sources. Every warning is an error: a missing label, citation,
# number or table fails the build.
set -euo pipefail

workspace=$1
shift
source=$workspace/pages

rm -rf "$source"
mkdir -p "$source/book/chapters/source"
cp _config.yml _toc.yml "$source"
cp -r book/. "$source/book"
cp -r "$workspace/tables" "$source/book/tables"
for chapter in "$@"; do
    cp "$workspace/chapters/$chapter.ipynb" "$source/book/chapters"
    cp "notebooks/$chapter.md" "$source/book/chapters/source"
done
# A page links to its notebook, with the parameters of this build; what it printed is on the page.
jupyter nbconvert --log-level ERROR --to notebook \
    --ClearOutputPreprocessor.enabled=True --output-dir "$source/book/chapters/source" \
    "$source"/book/chapters/*.ipynb

EMOLIB_WORKSPACE=$(realpath "$workspace") jupyter-book build "$source" -W -n --keep-going

rm -rf "$workspace/html"
mv "$source/_build/html" "$workspace/html"
rm -rf "$source"
