/** What callers pass, checked before anything is made of it. Reading may run code of theirs, whose errors are kept apart. */

/** Longer words mean nothing, and are not worth copying: a name has 1,024 characters at most, escapes counted. */
export const WORD_LENGTH_MAX = 2048;

/** Errors of ours, told from what a getter of the caller throws. */
const OURS = new WeakSet<object>();

export function ours(error: TypeError): TypeError {
  OURS.add(error);
  return error;
}

/** Whether an error is one of ours. */
export function isOurs(error: unknown): boolean {
  return OURS.has(error as object);
}

/** A lone surrogate has no UTF-8; what it would be turned into is not what the caller wrote. */
export function requireWellFormed(text: string, argument: string): void {
  const at = text.search(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/);
  if (at >= 0) throw new TypeError(`${argument} holds half a character (a lone surrogate) at index ${at}`);
}

/** Whether a value is an array; a proxy that was revoked cannot even be asked. */
export function isArray(value: unknown, argument: string): value is unknown[] {
  try {
    return Array.isArray(value);
  } catch (cause) {
    throw new TypeError(`${argument} cannot be read`, { cause });
  }
}

/** Whether it is a promise, or something like one. */
export function isLater(value: object): boolean {
  return typeof (value as { then?: unknown }).then === "function";
}

/** Refuses what looks like an object and would be an empty one in JSON: a promise, bytes, a Map, and the like. */
export function requireObject(value: object, argument: string): void {
  const wrong = reading(argument, () => {
    if (isLater(value)) return "is a Promise; await it first";
    const kind = Object.prototype.toString.call(value).slice(8, -1);
    if (ArrayBuffer.isView(value) || kind.endsWith("ArrayBuffer")) {
      return "holds bytes; decode them first, for instance with `new TextDecoder().decode(bytes)`";
    }
    const isJson = Object.keys(value).length > 0 || typeof (value as { toJSON?: unknown }).toJSON === "function" || isPlain(value);
    return isJson ? undefined : `is ${/^[AEIOU]/.test(kind) ? "an" : "a"} ${shown(kind)}, which holds no JSON; pass a plain object or text`;
  });
  if (wrong !== undefined) throw new TypeError(`${argument} ${wrong}`);
}

/** Whether it comes from `{}`, of this realm or another, or from nothing. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null && !(Symbol.iterator in value);
}

/** Does what runs code of the caller's, whose errors carry the argument's name. */
export function reading<T>(argument: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new TypeError(`${argument} cannot be read: one of its properties throws`, { cause });
  }
}

/** Takes what a caller listed, one by one, and stops at the first that is refused. */
export function taking<T, R>(list: Iterable<T>, argument: string, take: (value: T, index: number) => R): R[] {
  const taken: R[] = [];
  const iterator = reading(argument, () => list[Symbol.iterator]());
  const next = (): { done: boolean; value: T } => {
    const { done = false, value } = iterator.next();
    return { done, value };
  };
  for (let step = reading(argument, next); !step.done; step = reading(argument, next)) {
    try {
      taken.push(take(step.value, taken.length));
    } catch (error) {
      // As `for ... of` does; what the caller's code throws now would only hide what was wrong first.
      try {
        iterator.return?.();
      } catch {}
      throw error;
    }
  }
  return taken;
}

/** A user's text in a message, not longer than a message should be. */
export function shown(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
