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
mkdir -p "$source/book/chapters"
cp _config.yml _toc.yml "$source"
cp -r book/. "$source/book"
cp -r "$workspace/tables" "$source/book/tables"
for chapter in "$@"; do
    cp "$workspace/chapters/$chapter.ipynb" "$source/book/chapters"
done

EMOLIB_WORKSPACE=$(realpath "$workspace") jupyter-book build "$source" -W -n --keep-going

rm -rf "$workspace/html"
mv "$source/_build/html" "$workspace/html"
rm -rf "$source"
