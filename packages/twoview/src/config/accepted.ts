/** @file What a setting accepts, in the words of --help and docs/cli.md, read from its schema. */
import { z } from 'zod';

export interface Accepted {
  /** Null where the setting's own name says more. */
  metavar: string | null;
  choices: string[];
  accepts: string;
}

/** What lies below optional and default. */
export function core(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return core(schema.unwrap());
  }
  return schema;
}

/** @param schema without its default */
export function accepted(schema: z.core.$ZodType): Accepted {
  if (schema instanceof z.ZodBoolean) return { metavar: null, choices: [], accepts: '`true` or `false`' };
  if (schema instanceof z.ZodString) return { metavar: null, choices: [], accepts: 'text' };
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
  throw new Error(`no words for a ${schema.constructor.name} among the settings`);
}

/** By the JSON schema of the number, which has its bounds in public. */
function range(schema: z.ZodNumber): string {
  const { type, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = z.toJSONSchema(schema);
  // Integers that JavaScript can hold are no bound that anybody set.
  const set = (bound: unknown) =>
    typeof bound === 'number' && Math.abs(bound) !== Number.MAX_SAFE_INTEGER ? bound : undefined;
  const [least, most, above, below] = [minimum, maximum, exclusiveMinimum, exclusiveMaximum].map(set);
  const kind = type === 'integer' ? 'a whole number' : 'a number';
  if (least !== undefined && most !== undefined) return `${kind} from ${least} to ${most}`;
  if (least !== undefined && below !== undefined) return `${kind}, ${least} or more, below ${below}`;
  if (above !== undefined && below !== undefined) return `${kind} above ${above} and below ${below}`;
  if (above !== undefined) return `${kind} above ${above}${most === undefined ? '' : `, at most ${most}`}`;
  return least === undefined ? kind : `${kind}, ${least} or more`;
}
