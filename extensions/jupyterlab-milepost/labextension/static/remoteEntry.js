// The container through which JupyterLab loads this extension: what a module federation build
// would generate, written by hand, since the extension brings no module of its own and takes
// JupyterLab's at run time. So there is nothing to build.
(() => {
  const home = /** @type {HTMLScriptElement} */ (document.currentScript).src;
  let scope = {};

  /** Order versions such as 4.6.6 and 4.10.0 by their numbers. */
  const isOlder = (a, b) => a.localeCompare(b, 'en', { numeric: true }) < 0;

  /** Take the version of a shared module that everybody else takes: a loaded one, else the newest. */
  async function shared(name) {
    const versions = scope[name] ?? {};
    const chosen = Object.keys(versions).reduce(
      (best, next) =>
        best === null || (!versions[best].loaded && isOlder(best, next)) ? next : best,
      null
    );
    if (chosen === null) {
      throw new Error(`JupyterLab does not share ${name}`);
    }
    return (await versions[chosen].get())();
  }

  async function load() {
    const [{ submitPlugin }, apputils, coreutils, notebook, services] = await Promise.all([
      import(new URL('submit.js', home).href),
      shared('@jupyterlab/apputils'),
      shared('@jupyterlab/coreutils'),
      shared('@jupyterlab/notebook'),
      shared('@jupyterlab/services')
    ]);
    const plugin = submitPlugin({ ...apputils, ...coreutils, ...notebook, ...services });
    return () => ({ __esModule: true, default: plugin });
  }

  /** Where JupyterLab looks for the containers of its extensions. @type {any} */
  const page = window;
  page._JUPYTERLAB = page._JUPYTERLAB ?? {};
  page._JUPYTERLAB['jupyterlab-milepost'] = {
    init: shareScope => {
      scope = shareScope;
    },
    get: () => load()
  };
})();
