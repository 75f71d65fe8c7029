// Elements and text. Whatever comes from the server becomes a text node or an attribute that holds no code: nothing here parses HTML.

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * Makes an element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown> | null} [attributes] `class`, `on…` listeners, `dataset`, properties such as `value`, attributes
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false)
      continue;
    if (typeof value === 'function')
      element.addEventListener(name.replace(/^on/, ''), /** @type {EventListener} */ (value));
    else if (name === 'dataset')
      Object.assign(element.dataset, value);
    else if (name === 'value' || name === 'checked' || name === 'disabled' || name === 'hidden' || name === 'open')
      Reflect.set(element, name, value);
    else
      element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

/**
 * Puts children at the end of an element.
 * @param {Node} parent
 * @param {(Child | Child[])[]} children
 */
export function append(parent, children) {
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false)
      parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/**
 * Replaces what an element holds.
 * @param {Element} element
 * @param {...(Child | Child[])} children
 */
export function fill(element, ...children) {
  element.textContent = '';
  append(element, children);
}

/**
 * Sets a text, and leaves the page alone where it is already there.
 * @param {Node} node
 * @param {string | number} text
 */
export function say(node, text) {
  const wanted = String(text);
  if (node.textContent !== wanted)
    node.textContent = wanted;
}

/**
 * The element of this id, which the page has.
 * @param {string} id
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element)
    throw new Error(`the page has no element '${id}'`);
  return element;
}

/**
 * A part of a page with its heading.
 * @param {string} title
 * @param {Record<string, unknown>} attributes
 * @param {...(Child | Child[])} children
 */
export function card(title, attributes, ...children) {
  const id = `h-${title.toLowerCase().replace(/[^a-z]+/g, '-')}`;
  return h('section', { class: 'card', 'aria-labelledby': id, ...attributes }, h('h2', { id }, title), ...children);
}

/**
 * Asks before something is done that cannot be taken back at once.
 * @param {string} question
 * @param {string} consequence
 * @param {string} action name of the button that does it
 * @returns {Promise<boolean>}
 */
export function confirmed(question, consequence, action) {
  return new Promise(resolve => {
    const yes = h('button', { type: 'button', class: 'danger', onclick: () => dialog.close('yes') }, action);
    const no = h('button', { type: 'button', onclick: () => dialog.close('no'), autofocus: true }, 'Cancel');
    const dialog = h('dialog', { 'aria-labelledby': 'question', class: 'ask' },
      h('h2', { id: 'question' }, question), h('p', null, consequence), h('div', { class: 'actions' }, no, yes));
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/**
 * Keeps one element per item in a parent, in the items' order, and reuses those that are there: focus and transitions survive.
 * @template T
 * @template {HTMLElement} E
 * @param {HTMLElement} parent
 * @param {T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => E} create
 * @param {(element: E, item: T) => void} update
 */
export function keyed(parent, items, keyOf, create, update) {
  const known = new Map([...parent.children].map(child => [/** @type {HTMLElement} */ (child).dataset.key, /** @type {E} */ (child)]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let element = known.get(key);
    if (element) {
      known.delete(key);
    } else {
      element = create(item);
      element.dataset.key = key;
    }
    update(element, item);
    if (element === place)
      place = place.nextElementSibling;
    else
      parent.insertBefore(element, place);
  }
  for (const gone of known.values())
    gone.remove();
}
