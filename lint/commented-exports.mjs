/*
 * A rule for the linter: what other files can use says what it is for.
 *
 * Every exported function, class, constant, interface and type has a comment before it. A type that is read off a schema or
 * a list is described by that; a function with several signatures by the first of them.
 */

const message = 'is exported and has no comment: say what it is for, then shapes, units, defaults and errors.';

/** Types that say nothing of their own: `z.infer<typeof runSchema>`, `(typeof statuses)[number]`. */
function isReadOff({ type, typeAnnotation }) {
  if (type !== 'TSTypeAliasDeclaration') return false;
  let read = typeAnnotation;
  while (read.type === 'TSIndexedAccessType' || read.type === 'TSParenthesizedType') {
    read = read.objectType ?? read.typeAnnotation;
  }
  if (read.type === 'TSTypeQuery') return true;
  const { typeName, typeArguments } = read;
  return (
    typeName?.type === 'TSQualifiedName' &&
    typeName.left.name === 'z' &&
    typeArguments?.params[0]?.type === 'TSTypeQuery'
  );
}

const commentedExports = {
  create(context) {
    const signed = new Set();
    return {
      ExportNamedDeclaration(node) {
        const { declaration } = node;
        if (declaration === null || isReadOff(declaration)) return;
        const { id } = declaration.declarations?.[0] ?? declaration;
        const name = id?.name ?? 'this';
        const isFurther = signed.has(name);
        signed.add(name);
        if (isFurther) return;
        const last = context.sourceCode.getCommentsBefore(node).at(-1);
        // A header with an empty line after it belongs to the file.
        if (last !== undefined && last.loc.end.line === node.loc.start.line - 1) return;
        context.report({ node: id ?? node, message: `\`${name}\` ${message}` });
      },
    };
  },
};

export default { meta: { name: 'house' }, rules: { 'commented-exports': commentedExports } };
