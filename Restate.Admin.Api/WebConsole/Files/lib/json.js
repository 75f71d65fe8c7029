// Partition keys and log positions are 64-bit numbers, more than a number of JavaScript holds: those come out as text, digit for digit.

const LONG = /\d{16}/;
const TOKENS = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\d{16,}(?![\d.eE])/g;

/**
 * Parses JSON without rounding long integers.
 * @param {string} text
 * @returns {any}
 */
export function parseJson(text) {
  return JSON.parse(LONG.test(text)
    ? text.replace(TOKENS, token => token[0] === '"' || Number.isSafeInteger(Number(token)) ? token : `"${token}"`)
    : text);
}
