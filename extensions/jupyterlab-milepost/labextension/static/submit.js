// A Submit button in the toolbar of every project notebook: saves, hands in, tells the grade.

const COMMAND = 'milepost:submit';
const PROJECT = /^([A-Za-z0-9][\w.-]*)\/([A-Za-z0-9][\w.-]*)\/.+\.ipynb$/;
// Milliseconds between looks at the result: at first often, since most grades come at once.
const LOOKS = { first: 300, growth: 1.3, longest: 3000, until: 10 * 60 * 1000 };

const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

/** Return the plugin, made from JupyterLab's own modules. */
export function submitPlugin(lab) {
  return {
    id: 'jupyterlab-milepost:submit',
    description: "Hands the open notebook's project in to Milepost.",
    autoStart: true,
    requires: [lab.INotebookTracker],
    optional: [lab.ICommandPalette],
    activate: (app, tracker, palette) => {
      const current = () => projectOf(app, tracker.currentWidget);
      app.commands.addCommand(COMMAND, {
        label: 'Submit project',
        caption: 'Save everything and hand this project in',
        isEnabled: () => current() !== null,
        execute: async () => {
          const project = current();
          if (project !== null) {
            await submit(lab, app, project);
          }
        }
      });
      palette?.addItem({ command: COMMAND, category: 'Milepost' });
      tracker.widgetAdded.connect((_, panel) => addButton(lab, app, panel));
      tracker.forEach(panel => addButton(lab, app, panel));
    }
  };
}

/** Return the course and project that a notebook belongs to, or null. */
function projectOf(app, panel) {
  const path = panel ? app.serviceManager.contents.localPath(panel.context.path) : '';
  const found = PROJECT.exec(path);
  return found && { course: found[1], project: found[2] };
}

/** Give a project's notebook its button; a project is known by its nbgrader cells. */
async function addButton(lab, app, panel) {
  await panel.context.ready;
  const cells = [...(panel.content.model?.cells ?? [])];
  const graded = cells.some(cell => cell.getMetadata('nbgrader') !== undefined);
  if (panel.isDisposed || !graded || projectOf(app, panel) === null) {
    return;
  }
  const button = new lab.ToolbarButton({
    label: 'Submit',
    tooltip: 'Save everything and hand this project in',
    onClick: async () => {
      const project = projectOf(app, panel);
      if (project === null) {
        lab.Notification.error('Move the notebook back into its project, then submit.');
        return;
      }
      button.enabled = false;
      try {
        await submit(lab, app, project);
      } finally {
        button.enabled = true;
      }
    }
  });
  button.addClass('milepost-Submit');
  panel.toolbar.insertItem(0, 'milepost-submit', button);
}

/** Save all documents, hand the project in, and say what came of it as soon as it is known. */
async function submit(lab, app, { course, project }) {
  const id = lab.Notification.emit(`Submitting ${project} …`, 'in-progress', { autoClose: false });
  const actions = dashboardLink(lab);
  const tell = (type, message) =>
    lab.Notification.update({ id, type, message, actions, autoClose: false });
  try {
    await app.commands.execute('docmanager:save-all');
    const receipt = await request(lab, app, `submit/${course}/${project}`, 'POST');
    tell('in-progress', `Received as attempt ${receipt.id}; it is being graded …`);
    tell(...describe(await graded(lab, app, receipt.id)));
  } catch (error) {
    tell('error', error.message);
  }
}

/** Return the notification's link to the dashboard, where the Hub says that there is one. */
function dashboardLink(lab) {
  const hub = lab.PageConfig.getOption('hubPrefix');
  const site = lab.PageConfig.getOption('hubHost') + hub.replace(/hub\/?$/, '');
  const callback = () => window.open(`${site}services/milepost/`, '_blank', 'noopener');
  return hub ? [{ label: 'Dashboard', displayType: 'link', callback }] : [];
}

/** Wait for the grade of an attempt. */
async function graded(lab, app, attempt) {
  const end = Date.now() + LOOKS.until;
  for (let wait = LOOKS.first; Date.now() < end; wait = Math.min(wait * LOOKS.growth, LOOKS.longest)) {
    await pause(wait);
    const result = await request(lab, app, `result/${attempt}`, 'GET');
    if (result.state === 'graded' || result.state === 'dead') {
      return result;
    }
  }
  return { state: 'waiting', id: attempt };
}

/** Say in a line what came of an attempt: the kind of notification, and its text. */
function describe(result) {
  if (result.state === 'waiting') {
    return ['info', `Attempt ${result.id} still waits to be graded: see your dashboard later.`];
  }
  const points = `${result.score ?? 0} of ${result.max_score ?? 0} points`;
  if (result.verdict === 'passed') {
    return ['success', `Passed with ${points}.`];
  }
  const missed = (result.steps ?? []).find(step => !step.passed);
  if (result.verdict === 'failed' && missed) {
    return ['warning', `Not yet: ${points}. Look at “${missed.title}”; your dashboard says why.`];
  }
  return ['error', result.message || 'This attempt could not be graded: see your dashboard.'];
}

/** Call the server extension; throw an Error with its sentence where it refuses. */
async function request(lab, app, path, method) {
  const settings = app.serviceManager.serverSettings;
  const url = lab.URLExt.join(settings.baseUrl, 'milepost', path);
  const response = await lab.ServerConnection.makeRequest(url, { method }, settings);
  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Error(body.message || `The server answered ${response.status}: reload this page.`);
  }
  return body;
}
