/**
 * @file The second group of rules: who opens the printed address has its one-time token turned into a cookie that scripts cannot
 * read and other sites cannot send, and is sent on to an address without it. Other users of the machine know neither.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';

const secret = (): string => randomBytes(32).toString('base64url');

export class Session {
  readonly #cookie = secret();
  #token = secret();

  /** Cookies do not know ports, so that two studios on one machine need two names. */
  constructor(readonly port: number) {}

  get cookieName(): string {
    return `twoview-studio-${this.port}`;
  }

  /** Of the next address to print; each is good for one use. */
  get token(): string {
    return this.#token;
  }

  /** @returns the header Set-Cookie, or null for a token that is wrong or was used */
  exchange(token: string): string | null {
    if (!same(token, this.#token)) return null;
    this.#token = secret();
    return `${this.cookieName}=${this.#cookie}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** @param header Cookie, as it came */
  knows(header: string | undefined): boolean {
    const values = (header ?? '').split(';').flatMap((pair) => {
      const [name, ...value] = pair.trim().split('=');
      return name === this.cookieName ? [value.join('=')] : [];
    });
    return values.length === 1 && same(values[0]!, this.#cookie);
  }
}

/** In a time that does not depend on how many letters are right. */
function same(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
