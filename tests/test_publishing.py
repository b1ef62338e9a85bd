"""What stands around the package: workflows, templates, versions, links in the root."""

import re
from pathlib import Path

import pytest
import yaml

from emolib import __version__

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted(
    set((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
    - {ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml"}
)
PAGES = [*sorted(ROOT.glob("*.md")), ROOT / ".github" / "pull_request_template.md"]
SETTLED = re.compile(r"[\w-]+/[\w-]+(/[\w-]+)*@(v\d+|[0-9a-f]{40})|\./\S+\.yml")

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def steps(path):
    jobs = yaml.safe_load(path.read_text())["jobs"].values()
    return [step for job in jobs for step in job.get("steps", [{"uses": job.get("uses")}])]


def verbs():
    """Return the verbs of the Makefile."""
    return set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))


def test_workflows_test_and_publish():
    assert {path.stem for path in WORKFLOWS} >= {"test", "publish"}
    run = [step.get("run", "") for path in WORKFLOWS for step in steps(path)]
    assert ".ci/run" in run and "make book OPEN=no" in run
    # YAML reads the key `on` as true.
    assert yaml.safe_load(WORKFLOWS[0].read_text())[True] == {"push": {"tags": ["v*"]}}


@each_workflow
def test_workflow_calls_verbs_that_exist_and_files_that_are_there(path):
    for command in (step.get("run", "") for step in steps(path)):
        called = re.findall(r"(?:^|[\s;&])make ([a-z]+)", command)
        assert set(called) <= verbs(), command
        if command.startswith(".ci/"):
            assert (ROOT / command).is_file()


@each_workflow
def test_workflow_uses_actions_of_a_settled_version(path):
    used = [step["uses"] for step in steps(path) if "uses" in step]
    assert used and [name for name in used if not SETTLED.fullmatch(name)] == []
    assert all((ROOT / name).is_file() for name in used if name.startswith("./"))


@each_workflow
def test_workflow_may_read_and_each_job_no_more_than_it_needs(path):
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    assert "secrets." not in path.read_text()
    for name, job in workflow["jobs"].items():
        if "permissions" in job:  # what may write checks nothing out and builds nothing
            assert all("checkout" not in step.get("uses", "") for step in job["steps"]), name
        assert "uses" in job or "timeout-minutes" in job or "permissions" in job, name


def test_workflow_packs_what_a_build_makes():
    text = (ROOT / ".github" / "workflows" / "publish.yml").read_text()
    default = re.search(r"CONFIG +\?= config/(\w+)\.yaml", (ROOT / "Makefile").read_text())[1]
    assert f"build/{default}/html" in text
    assert "PIP_CACHE_DIR: /tmp/pip" in text and "path: /tmp/pip" in text


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_form_asks_each_question_once_and_says_what_is_needed(path):
    form = yaml.safe_load(path.read_text())
    assert {"name", "description", "body"} <= set(form)
    asked = [item for item in form["body"] if item["type"] != "markdown"]
    names = [item["id"] for item in asked]
    assert len(names) == len(set(names))
    assert all(item["attributes"]["label"] for item in asked)
    assert any(item.get("validations", {}).get("required") for item in asked)
    for item in asked:
        assert item["type"] in ("input", "textarea", "dropdown")
        assert (item["type"] == "dropdown") == ("options" in item["attributes"])


def test_versions_agree():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == __version__ and citation["license"] == "MIT"
    heads = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert [head for head in heads if head != "Unreleased"][0] == __version__
    project = (ROOT / "pyproject.toml").read_text()
    assert 'dynamic.version = { attr = "emolib.__version__" }' in project
    assert 'license = "MIT"' in project


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_of_the_root_lead_somewhere(path):
    links = re.findall(r"!?\[[^\]]*\]\(([^)\s]+)\)", path.read_text())
    links = [link.partition("#")[0] for link in links if not re.match(r"\w+:", link)]
    # GitHub shows README, and pages in .github, as if they lay in the root.
    assert [link for link in links if link and not (ROOT / link).exists()] == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_verbs_and_files_that_a_newcomer_reads_of_are_there(name):
    text = (ROOT / name).read_text()
    commands = re.findall(r"`make ([a-z]+)|^make ([a-z]+)", text, flags=re.MULTILINE)
    assert {verb for pair in commands for verb in pair if verb} <= verbs()
    files = re.findall(r"`((?:tests|workflow|emolib|config|book|notebooks)/[\w./-]+)`", text)
    invented = ("my-corpus", "NAME", "RUN")
    wrong = [file for file in files if not any(word in file for word in invented)]
    assert [file for file in wrong if not (ROOT / file).exists()] == []
