/** @file The legend of a figure: colour, symbol and dash of every series, beside its name. */
import type { Look } from '../look.js';

const SYMBOLS = {
  circle: <circle cx="14" cy="6" r="4" />,
  square: <rect x="10" y="2" width="8" height="8" />,
  'triangle-up': <path d="M14 1l5 9h-10z" />,
  diamond: <path d="M14 1l5 5-5 5-5-5z" />,
  cross: <path d="M12.5 1h3v3.5H19v3h-3.500V11h-3V7.500H9v-3h3.500z" />,
};

export const Legend = ({ looks }: { looks: readonly Look[] }) =>
  looks.length === 0 ? null : (
    <ul class="legend">
      {looks.map(({ name, colour, symbol, dash }) => (
        <li>
          <svg width="28" height="12" aria-hidden="true">
            <g fill={colour} stroke={colour}>
              {dash !== null && <path d="M0 6h28" stroke-width="2" stroke-dasharray={dash.join(',')} />}
              {SYMBOLS[symbol]}
            </g>
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
