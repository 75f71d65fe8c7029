// Services, and the deployments that they come from.

import { ApiError, call, json } from './lib/api.js';
import { card, confirmed, fill, h, keyed, say } from './lib/dom.js';
import { dateTime } from './lib/format.js';
import { poll } from './lib/poll.js';

/** @typedef {{ name: string, ty: string, documentation: string | null, public: boolean }} Handler */
/** @typedef {{ name: string, ty: string, revision: number, deployment_id: string, public: boolean, documentation: string | null,
 *   handlers: Handler[], idempotency_retention?: string, journal_retention?: string, inactivity_timeout?: string, abort_timeout?: string }} Service */
/** @typedef {{ id: string, uri?: string, arn?: string, protocol_type?: string, http_version?: string, sdk_version?: string | null, created_at: string,
 *   services: { name: string, revision: number }[] }} Deployment */

const EVERY_MS = 5000;

/** Discovery asks the endpoint, which may be slow to start. */
const REGISTER_MS = 60_000;

/**
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 */
export function servicesPage(root, signal) {
  const services = h('tbody');
  const noServices = h('p', { class: 'hint', hidden: true }, 'No service is registered. Register the address of an endpoint below.');
  const deployments = h('tbody');
  const failure = h('p', { class: 'form-message', role: 'alert' });
  root.append(h('h1', { class: 'unseen' }, 'Services and deployments'),
    card('Services', { class: 'card' }, noServices,
      table('Services', ['Service', 'Kind', 'Handlers', 'Revision', 'Deployment', ''], services)),
    card('Deployments', { class: 'card' }, failure,
      table('Deployments', ['Deployment', 'Address', 'Services', 'SDK', 'Registered', ''], deployments)),
    registration(() => ask()));

  const ask = poll(EVERY_MS, signal, async cancelled => {
    const [list, from] = await Promise.all(['/services', '/deployments'].map(path => json(path, { signal: cancelled })));
    noServices.hidden = list.services.length > 0;
    keyed(services, list.services, service => `${service.name} ${service.revision} ${service.deployment_id}`, serviceRow, () => {});
    keyed(deployments, from.deployments, deployment => `${deployment.id} ${deployment.uri} ${deployment.services.length}`,
      deployment => deploymentRow(deployment, () => void remove(deployment)), () => {});
  });

  /** @param {Deployment} deployment */
  async function remove(deployment) {
    const names = deployment.services.map(service => service.name).join(', ');
    if (!await confirmed('Remove this deployment?',
      `${deployment.uri ?? deployment.arn ?? deployment.id} is removed by force, with the services it has (${names || 'none'}). The state of their objects stays.`,
      'Remove deployment'))
      return;
    try {
      await call(`/deployments/${encodeURIComponent(deployment.id)}?force=true`, { method: 'DELETE', timeoutMs: 30_000 });
      say(failure, '');
    } catch (error) {
      if (!(error instanceof ApiError))
        throw error;
      say(failure, error.message);
    }
    ask();
  }
}

/** @param {string} name @param {string[]} heads @param {HTMLElement} rows */
const table = (name, heads, rows) => h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Table of ${name.toLowerCase()}` },
  h('table', { class: 'figures services' },
    h('thead', null, h('tr', null, ...heads.map(head => h('th', { scope: 'col' }, head || h('span', { class: 'unseen' }, 'Actions'))))), rows));

/** @param {Service} service */
function serviceRow(service) {
  const state = `select service_key, key, value_utf8 from state where service_name = '${service.name.replace(/'/g, "''")}' order by service_key, key limit 100`;
  return h('tr', null,
    h('th', { scope: 'row' }, h('strong', null, service.name), service.documentation && h('p', { class: 'hint' }, service.documentation)),
    h('td', null, service.ty, !service.public && h('p', { class: 'hint' }, 'not public')),
    h('td', null, h('details', null, h('summary', null, `${service.handlers.length}: ${service.handlers.map(handler => handler.name).join(', ')}`),
      h('ul', { class: 'notes' }, ...service.handlers.map(handler =>
        h('li', null, h('code', null, handler.name), ` ${handler.ty}${handler.documentation ? ` – ${handler.documentation}` : ''}`)),
      ...[['idempotency retention', service.idempotency_retention], ['journal retention', service.journal_retention],
        ['inactivity timeout', service.inactivity_timeout], ['abort timeout', service.abort_timeout]].map(([label, value]) => value && h('li', null, `${label}: ${value}`))))),
    h('td', { class: 'number' }, service.revision),
    h('td', null, h('code', null, service.deployment_id)),
    h('td', null, service.ty !== 'Service' && h('a', { href: `#/sql?q=${encodeURIComponent(state)}` }, 'State')));
}

/** @param {Deployment} deployment @param {() => void} remove */
const deploymentRow = (deployment, remove) => h('tr', null,
  h('th', { scope: 'row' }, h('code', null, deployment.id)),
  h('td', null, deployment.uri ?? deployment.arn, h('p', { class: 'hint' }, [deployment.protocol_type, deployment.http_version].filter(Boolean).join(', '))),
  h('td', null, deployment.services.map(service => service.name).join(', ') || '–'),
  h('td', null, deployment.sdk_version ?? '–'),
  h('td', null, dateTime(deployment.created_at)),
  h('td', null, h('button', { type: 'button', class: 'quiet', onclick: remove, 'aria-label': `Remove deployment ${deployment.id}` }, 'Remove')));

/**
 * The form that registers an endpoint: first what it would find, then the registration.
 * @param {() => void} onRegistered
 */
function registration(onRegistered) {
  const uri = h('input', { type: 'url', id: 'uri', required: true, placeholder: 'http://localhost:9080', spellcheck: 'false', oninput: () => { register.disabled = true; } });
  const force = h('input', { type: 'checkbox', id: 'force' });
  const preview = h('button', { type: 'submit', class: 'primary' }, 'Discover');
  const register = h('button', { type: 'button', disabled: true, onclick: () => void send(false) }, 'Register');
  const failure = h('p', { class: 'form-message', role: 'alert' });
  const result = h('div', { class: 'result', 'aria-live': 'polite' });

  /** @param {boolean} isDry */
  async function send(isDry) {
    preview.disabled = register.disabled = true;
    say(failure, '');
    fill(result, h('p', { class: 'hint' }, 'Asking the endpoint …'));
    try {
      const answer = await json('/deployments', { method: 'POST', body: { uri: uri.value.trim(), force: force.checked, dry_run: isDry }, timeoutMs: REGISTER_MS });
      fill(result, h('h3', null, isDry ? 'It would register' : 'Registered'),
        h('ul', { class: 'notes' }, ...answer.services.map((/** @type {Service} */ service) =>
          h('li', null, h('strong', null, service.name), ` ${service.ty}, ${service.handlers.length} handlers, revision ${service.revision}`))));
      register.disabled = !isDry;
      if (!isDry)
        onRegistered();
    } catch (error) {
      if (!(error instanceof ApiError))
        throw error;
      fill(result);
      say(failure, error.message);
    } finally {
      preview.disabled = false;
    }
  }

  return card('Register a deployment', { class: 'card' },
    h('form', { class: 'register', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void send(true); } },
      h('label', { for: 'uri' }, 'Address of the endpoint'), uri,
      h('p', { class: 'hint' }, 'Where services written with a Restate SDK listen, as this node reaches it.'),
      h('label', { class: 'check' }, force, 'Replace what is registered for this address'),
      h('div', { class: 'actions' }, preview, register), failure),
    result);
}
