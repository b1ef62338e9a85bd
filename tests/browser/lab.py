"""A real JupyterLab on loopback, in which tests run notebooks as a person would."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from itertools import count
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[2]
TOKEN = "of-the-tests"
LONGEST_WAIT = 60  # s: the first page of a JupyterLab that shares two cores with other tests

READY = """() => window.jupyterapp && window.jupyterapp.commands.hasCommand('docmanager:open')"""

# Nothing that Lab's own commands return can be sent to the test, hence the text or null at the end.
RUN = """async (path) => {
  const { commands } = window.jupyterapp;
  const opened = await commands.execute('docmanager:open', { path, factory: 'Notebook' });
  await opened.context.ready;
  await opened.context.sessionContext.ready;
  await opened.context.sessionContext.session.kernel.info;
  await commands.execute('notebook:run-all-cells');
  const cells = opened.context.model.toJSON().cells;
  const outputs = cells.flatMap((cell) => cell.outputs || []);
  const error = outputs.find((one) => one.output_type === 'error');
  return error ? error.traceback.join('\\n') : null;
}"""

ASK = """async (code) => {
  const { context } = window.jupyterapp.shell.currentWidget;
  const future = context.sessionContext.session.kernel.requestExecute({ code });
  let text = '';
  future.onIOPub = ({ content }) => {
    text += content.text || (content.traceback || []).join('\\n');
  };
  await future.done;
  return text;
}"""


class Lab:
    """A running server and the context of the browser in which its pages are opened.

    Parameters
    ----------
    folder : Path
        An empty folder: of the notebooks, and of everything that Jupyter writes about itself.
    browser : playwright.sync_api.Browser
        Opens the pages. Whatever they ask for beyond loopback is refused and noted as trouble.
    """

    def __init__(self, folder: Path, browser):
        self.folder = folder / "notebooks"
        self.folder.mkdir()
        self.trouble = []
        self._names = count(1)
        self._process = _start(folder, self.folder)
        try:
            self.url = _address(folder / "runtime", self._process, folder / "server.log")
        except BaseException:
            self._stop_server()
            raise
        self._context = browser.new_context(viewport={"width": 1366, "height": 768})
        self._context.route("**/*", self._only_loopback)

    def open_notebook(self, cells: list[str], size: tuple[int, int] = (1366, 768), context=None):
        """Run a new notebook in Lab's own page.

        Parameters
        ----------
        cells : list of str
            Source of its code cells. The kernel's folder is `folder`; it can import `emolib`.
        size : tuple of int
            Of the window, px.
        context : playwright.sync_api.BrowserContext, optional
            Of another browser.

        Returns
        -------
        page : playwright.sync_api.Page
            A new one. Errors that its scripts do not catch go to `trouble`.
        widget : playwright.sync_api.Locator
            The annotation tool that the cells show, in view.
        """
        name = f"notebook{next(self._names)}.ipynb"
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, self.folder / name)
        page = self.run_notebook(name, size, context)
        widget = page.locator(".emolib-annotator")
        widget.wait_for(timeout=LONGEST_WAIT * 1000)
        widget.scroll_into_view_if_needed()
        return page, widget

    def run_notebook(self, name: str, size: tuple[int, int] = (1366, 768), context=None):
        """Open a notebook of the folder in a new page, run all its cells, return the page.

        Raises
        ------
        AssertionError
            If a cell ends with an error; the message is its traceback.
        """
        page = (context or self._context).new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.set_default_timeout(LONGEST_WAIT * 1000)
        page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        # A workspace of its own: Lab opens no notebook of another test again.
        page.goto(f"{self.url}lab/workspaces/test{next(self._names)}?token={TOKEN}")
        page.wait_for_function(READY)
        error = page.evaluate(RUN, name)
        assert error is None, error
        return page

    def ask(self, page, code: str) -> str:
        """Run code in the kernel of the page's notebook; return what it printed."""
        return page.evaluate(ASK, code)

    def close_pages(self) -> None:
        """Close all pages and end all kernels."""
        for page in self._context.pages:
            page.close()
        for session in json.loads(self._request("GET", "api/sessions")):
            self._request("DELETE", f"api/sessions/{session['id']}")

    def stop(self) -> None:
        """End the browser's context, the kernels and the server."""
        self._context.close()
        self._stop_server()

    def _stop_server(self) -> None:
        self._process.terminate()  # it ends its kernels
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self._process.pid, signal.SIGKILL)  # kernels follow a server that is gone
        except ProcessLookupError:
            pass
        self._process.wait()

    def _only_loopback(self, route) -> None:
        if route.request.url.startswith((self.url, "data:", "blob:")):
            route.continue_()
        else:
            self.trouble.append(f"asked for {route.request.url}")
            route.abort()

    def _request(self, method: str, path: str) -> bytes:
        headers = {"Authorization": f"token {TOKEN}"}
        request = urllib.request.Request(self.url + path, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=LONGEST_WAIT) as answer:
            return answer.read()


def _start(folder: Path, notebooks: Path) -> subprocess.Popen:
    """Start a server that touches nothing outside its folder, in a process group of its own."""
    # Otherwise it asks whether it may fetch news, over the lower right corner.
    settings = folder / "user_settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0"]
    command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={notebooks}"]
    command += ["--allow-root", "--expose-app-in-browser", "--LabApp.news_url="]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    command += [f"--LabApp.{kind}_dir={folder / kind}" for kind in ("workspaces", "user_settings")]
    environment = os.environ | {
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONPATH": str(ROOT),
    }
    with (folder / "server.log").open("w") as log:
        return subprocess.Popen(
            command, cwd=notebooks, env=environment, stdout=log, stderr=log, start_new_session=True
        )


def _address(runtime: Path, process: subprocess.Popen, log: Path) -> str:
    """Wait until the server answers; return its address."""
    deadline = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < deadline and process.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            try:
                url = json.loads(path.read_text())["url"]
                urllib.request.urlopen(f"{url}api", timeout=5).close()
            except (ValueError, OSError):
                continue  # half written, or not yet listening
            return url
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()[-4000:]}")
