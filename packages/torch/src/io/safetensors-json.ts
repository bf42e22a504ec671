/**
 * @file The JSON of a safetensors header. It may be 100 MB and come from anywhere, so a scan goes ahead of JSON.parse: no
 * nesting beyond what the format knows (it would cost gigabytes), no key twice (JSON.parse would silently take the last).
 */

/** The header, a tensor's description, its shape. */
const DEEPEST = 3;
/** libtorch's kernels know at most 64 dimensions. */
const LONGEST_LIST = 64;

/** @throws Error saying what is wrong */
export function parseHeaderJson(bytes: Uint8Array): unknown {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  if (text[0] !== '{') throw new Error('it does not start with {');
  scan(text);
  return JSON.parse(text);
}

interface Level {
  keys: Set<string> | null;
  commas: number;
}

function scan(text: string): void {
  const levels: Level[] = [];
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"') i = string(text, i, levels.at(-1));
    else if (char === '{' || char === '[') {
      levels.push({ keys: char === '{' ? new Set() : null, commas: 0 });
      if (levels.length > DEEPEST) throw new Error(`it is nested more than ${DEEPEST} levels deep`);
    } else if (char === '}' || char === ']') levels.pop();
    else if (char === ',') {
      const level = levels.at(-1);
      if (level?.keys === null && ++level.commas >= LONGEST_LIST) throw new Error('a list is too long');
    }
  }
}

/** Steps over a string that starts at `start`. @returns the place of its closing quote */
function string(text: string, start: number, level: Level | undefined): number {
  let end = start + 1;
  while (text[end] !== '"') {
    if (end >= text.length) throw new Error('a string does not end');
    end += text[end] === '\\' ? 2 : 1;
  }
  let next = end + 1;
  while (' \t\r\n'.includes(text[next] ?? '.')) next++;
  if (text[next] === ':' && level !== undefined && level.keys !== null) {
    const key = JSON.parse(text.slice(start, end + 1)) as string;
    if (level.keys.has(key)) throw new Error(`the key ${JSON.stringify(key)} stands there twice`);
    level.keys.add(key);
  }
  return end;
}
