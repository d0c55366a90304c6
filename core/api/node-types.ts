import { z } from 'zod';
import { handleTypes } from '../data-types/table.ts';
import { nodeCategories } from '../node-type/definition.ts';

const handleSchema = z.object({ id: z.string(), title: z.string(), dataType: z.enum(handleTypes) });

const outputHandleSchema = handleSchema.extend({
  /** Its type follows what is connected to that input. */
  follows: z
    .object({ input: z.string(), as: z.enum(['list', 'element', 'same', 'alone', 'values']) })
    .readonly()
    .optional(),
});

/** How a node is drawn; see `NodeLook`. */
const lookSchema = z
  .object({
    height: z.number().optional(),
    edited: z
      .array(
        z
          .object({ when: z.record(z.string(), z.array(z.unknown()).readonly()).readonly(), height: z.number() })
          .readonly(),
      )
      .readonly()
      .optional(),
    showsOutput: z.boolean().optional(),
    results: z.array(z.string()).readonly().optional(),
    picture: z
      .object({
        input: z.string(),
        part: z.tuple([z.string(), z.string(), z.string(), z.string()]).readonly().optional(),
      })
      .readonly()
      .optional(),
    shape: z
      .array(
        z
          .object({
            when: z.record(z.string(), z.array(z.unknown()).readonly()).readonly().optional(),
            aspect: z.string().optional(),
            sides: z.tuple([z.string(), z.string()]).readonly().optional(),
            like: z.string().optional(),
            part: z.tuple([z.string(), z.string()]).readonly().optional(),
          })
          .readonly(),
      )
      .readonly()
      .optional(),
  })
  .readonly();

/** A node type as data: its functions are left out, its config is a JSON schema. */
export const nodeTypeSchema = z
  .object({
    type: z.string(),
    version: z.number().int(),
    title: z.string(),
    description: z.string(),
    category: z.enum(nodeCategories),
    /** What people call it besides its title. */
    keywords: z.array(z.string()).readonly().optional(),
    icon: z.string(),
    inputs: z.array(
      handleSchema.extend({
        many: z.boolean().optional(),
        required: z.boolean().optional(),
        carries: z.boolean().optional(),
        configField: z.string().optional(),
        onlyByName: z.boolean().optional(),
      }),
    ),
    outputs: z.array(outputHandleSchema),
    /** JSON Schema of the node's `data`, with form hints as annotations. */
    schema: z.record(z.string(), z.unknown()),
    defaults: z.record(z.string(), z.unknown()),
    look: lookSchema.optional(),
    /** It begins a loop, or ends one. */
    loop: z.enum(['begin', 'end']).optional(),
    /** What the ffmpeg of this server cannot do for it, in words. */
    lacks: z.string().optional(),
    /** Of types that hold a value, and so can be inputs of their workflow: in which field of `data`. */
    value: z
      .object({ field: z.string(), fileField: z.string().optional(), optionsField: z.string().optional() })
      .readonly()
      .optional(),
  })
  .meta({ id: 'NodeType' });
export type NodeTypeInfo = z.infer<typeof nodeTypeSchema>;

/** Not paged: it holds every node type, in the order of the palette. */
export const nodeTypeListSchema = z.object({ items: z.array(nodeTypeSchema) }).meta({ id: 'NodeTypes' });
