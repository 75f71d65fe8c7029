// The frame around the pages: which one is shown, the theme, the token, and what is known of the node.

import { hasToken, json, onRefusal, setToken } from './lib/api.js';
import { byId, fill, h, say } from './lib/dom.js';
import { time } from './lib/format.js';
import { contact, onContact } from './lib/poll.js';
import { memoryPage } from './memory/page.js';
import { partitionsPage } from './partitions.js';
import { servicesPage } from './services.js';
import { sqlPage } from './sql/page.js';

/**
 * A page fills its root and works until the signal ends it.
 * @typedef {{ name: string, title: string, show: (root: HTMLElement, signal: AbortSignal, rest: URLSearchParams) => void }} Page
 */

/** @type {Page[]} */
const PAGES = [
  { name: 'memory', title: 'Memory', show: memoryPage },
  { name: 'sql', title: 'SQL', show: sqlPage },
  { name: 'partitions', title: 'Partitions', show: partitionsPage },
  { name: 'services', title: 'Services', show: servicesPage },
];

/** Where links of Restate's tools into its own console lead here. */
const RESTATE_PAGES = new Map([['introspection', 'sql'], ['state', 'sql'], ['invocations', 'sql'], ['deployments', 'services']]);

/** Figures older than this are called stale. */
const STALE_MS = 8000;

const THEMES = ['auto', 'light', 'dark'];
const THEME_KEY = 'restate-admin-theme';

/** Who does not want to give a token is left alone for a while. */
const QUIET_MS = 60_000;

const content = byId('content');
const banner = byId('banner');
let current = new AbortController();
let dismissedAt = 0;

function route() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const folder = location.pathname.slice(new URL('.', import.meta.url).pathname.length).split('/')[0];
  const name = path || (RESTATE_PAGES.get(folder) ?? folder);
  const page = PAGES.find(candidate => candidate.name === name) ?? PAGES[0];
  current.abort();
  current = new AbortController();
  document.title = `${page.title} · Restate Admin`;
  for (const link of byId('tabs').querySelectorAll('a')) {
    if (link.dataset.page === page.name)
      link.setAttribute('aria-current', 'page');
    else
      link.removeAttribute('aria-current');
  }
  fill(content);
  content.className = `page-${page.name}`;
  page.show(content, current.signal, new URLSearchParams(query ?? ''));
}

/** @param {string} theme */
function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem(THEME_KEY, theme);
  const button = byId('theme');
  say(button, `Theme: ${theme}`);
  window.dispatchEvent(new Event('themechange'));
}

function showContact() {
  const age = contact.at === null ? Infinity : Date.now() - contact.at;
  const isLost = contact.error !== null && contact.error.isUnreachable;
  const isStale = contact.at !== null && !document.hidden && age > STALE_MS;
  const state = byId('state');
  state.dataset.state = isLost ? 'lost' : isStale ? 'stale' : contact.at === null ? 'waiting' : 'live';
  say(state, isLost ? 'unreachable' : isStale ? 'stale' : contact.at === null ? 'connecting' : 'live');
  content.toggleAttribute('data-stale', isLost || isStale);
  if (isLost) {
    say(banner, `Unreachable: ${contact.error?.message}. ${contact.at === null
      ? 'Nothing has been read yet.' : `The figures below are of ${time(contact.at)}.`} It is asked again by itself.`);
  } else if (contact.error !== null) {
    say(banner, `${contact.error.status === 401 || contact.error.status === 403 ? 'Refused' : 'The node answers with an error'}: ${contact.error.message}`);
  } else if (isStale) {
    say(banner, `Stale: nothing new since ${time(/** @type {number} */ (contact.at))}.`);
  }
  banner.hidden = contact.error === null && !isStale;
}

/** @param {string} reason */
function askForToken(reason) {
  if (document.querySelector('dialog.token'))
    return;
  const input = h('input', { type: 'password', id: 'token-value', autocomplete: 'off', spellcheck: 'false', required: true, autofocus: true });
  const form = h('form', { onsubmit: use },
    h('h2', { id: 'token-title' }, 'This node asks for a token'),
    h('p', { class: 'reason', id: 'token-reason' }, reason),
    h('label', { for: 'token-value' }, 'Bearer token'), input,
    h('p', { class: 'hint' }, 'Kept for this tab only, until it is closed. Reading needs the scopes read and query, changes need admin.'),
    h('div', { class: 'actions' },
      h('button', { type: 'button', onclick: () => dialog.close() }, 'Not now'),
      h('button', { type: 'submit', class: 'primary' }, 'Use token')));
  const dialog = h('dialog', { class: 'ask token', 'aria-labelledby': 'token-title', 'aria-describedby': 'token-reason' }, form);
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (dialog.returnValue !== 'used')
      dismissedAt = Date.now();
  });

  /** @param {Event} event */
  function use(event) {
    event.preventDefault();
    setToken(input.value.trim());
    dialog.close('used');
    showTokenButton(true);
    route();
    void showCluster();
  }

  document.body.append(dialog);
  dialog.showModal();
}

/** @param {boolean} isAsked */
function showTokenButton(isAsked) {
  const button = byId('token');
  button.hidden = !isAsked && !hasToken();
  say(button, hasToken() ? 'Forget token' : 'Token');
}

async function showCluster() {
  const [health, version] = await Promise.allSettled([json('/cluster-health'), json('/version')]);
  if (health.status === 'fulfilled' && version.status === 'fulfilled')
    say(byId('cluster'), `${health.value.cluster_name} · ${version.value.admin_version}`);
}

fill(byId('tabs'), PAGES.map(page => h('a', { href: `#/${page.name}`, dataset: { page: page.name } }, page.title)));
byId('theme').addEventListener('click', () =>
  setTheme(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme ?? 'auto') + 1) % THEMES.length]));
byId('token').addEventListener('click', () => {
  if (hasToken()) {
    setToken(null);
    showTokenButton(true);
    route();
  } else {
    askForToken('Enter one of the tokens of its token file.');
  }
});
document.querySelector('.skip')?.addEventListener('click', event => {
  // The fragment belongs to the pages.
  event.preventDefault();
  content.focus();
});
onRefusal(error => {
  showTokenButton(error.status === 401 || hasToken());
  if (error.status === 401 && Date.now() - dismissedAt > QUIET_MS) {
    setToken(null);
    askForToken(error.message);
  }
});
onContact(showContact);
setInterval(showContact, 1000);
window.addEventListener('hashchange', route);
setTheme(localStorage.getItem(THEME_KEY) ?? 'auto');
showTokenButton(false);
void showCluster();
route();
