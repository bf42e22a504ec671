/** @file What a setting accepts, in the words of --help and docs/cli.md, read from its schema. */
import { z } from 'zod';

export interface Accepted {
  /** Null where the setting's own name says more. */
  metavar: string | null;
  choices: string[];
  accepts: string;
}

/** @param schema without its default */
export function accepted(schema: z.core.$ZodType): Accepted {
  if (schema instanceof z.ZodBoolean) return { metavar: null, choices: [], accepts: 'a switch' };
  if (schema instanceof z.ZodString) return { metavar: null, choices: [], accepts: 'a text' };
  if (schema instanceof z.ZodNumber) return { metavar: 'n', choices: [], accepts: range(schema) };
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral) {
    const choices = schema instanceof z.ZodEnum ? schema.options.map(String) : [...schema.values].map(String);
    return { metavar: 'name', choices, accepts: choices.map((choice) => `\`${choice}\``).join(', ') };
  }
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodObject) {
    const keys = Object.keys(schema.element.shape).map((key) => `\`${key}\``);
    return { metavar: null, choices: [], accepts: `a list of groups of ${keys.join(', ')}` };
  }
  if (schema instanceof z.ZodArray) {
    const { accepts, choices } = accepted(schema.element);
    return { metavar: 'a,b,...', choices, accepts: `a list; each is ${accepts}` };
  }
  if (schema instanceof z.ZodUnion) {
    const [first, ...others] = schema.options.map(accepted);
    const accepts = [first!, ...others].map((option) => option.accepts).join(', or ');
    return { metavar: first!.metavar, choices: [], accepts };
  }
  throw new Error(`no words for a ${schema._zod.def.type} among the settings`);
}

function range(schema: z.ZodNumber): string {
  const found: { above?: number; least?: number; most?: number; below?: number; whole?: boolean } = {};
  for (const check of schema._zod.def.checks ?? []) {
    const { def } = check._zod as { def: { check: string; value?: number; inclusive?: boolean } };
    if (def.check === 'number_format') found.whole = true;
    else if (def.check === 'greater_than') found[def.inclusive ? 'least' : 'above'] = def.value!;
    else if (def.check === 'less_than') found[def.inclusive ? 'most' : 'below'] = def.value!;
    else throw new Error(`no words for the check ${def.check} of a number`);
  }
  const { above, least, most, below, whole } = found;
  const kind = whole ? 'a whole number' : 'a number';
  if (least !== undefined && most !== undefined) return `${kind} from ${least} to ${most}`;
  if (least !== undefined && below !== undefined) return `${kind}, ${least} or more, below ${below}`;
  if (above !== undefined) return `${kind} above ${above}${most === undefined ? '' : `, at most ${most}`}`;
  return least === undefined ? kind : `${kind}, ${least} or more`;
}
