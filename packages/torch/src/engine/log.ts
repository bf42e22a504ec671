/** @file What the engine says while it sets itself up: one line that is redrawn on a terminal, a line at each tenth elsewhere. */

export interface SetupLog {
  /** A step begins or ended. */
  line(text: string): void;
  /** How far a step is; `done` and `total` in the same unit. */
  progress(text: string, done: number, total: number): void;
}

export function stderrLog(stream: NodeJS.WriteStream = process.stderr): SetupLog {
  let drawn = false;
  let tenth = -1;
  const clear = () => {
    if (drawn) stream.write('\r\x1b[2K');
    drawn = false;
  };
  return {
    line(text) {
      clear();
      tenth = -1;
      stream.write(`${text}\n`);
    },
    progress(text, done, total) {
      const share = total > 0 ? Math.min(1, done / total) : 0;
      const shown = `${text}  ${Math.floor(share * 100)} %`;
      if (stream.isTTY) {
        const width = 24;
        const filled = Math.round(share * width);
        stream.write(`\r\x1b[2K${'█'.repeat(filled)}${'░'.repeat(width - filled)}  ${shown}`);
        drawn = true;
      } else if (Math.floor(share * 10) > tenth) {
        tenth = Math.floor(share * 10);
        stream.write(`${shown}\n`);
      }
    },
  };
}

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
