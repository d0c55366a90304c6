import { TestEnvironment } from 'jest-environment-node';

/** The global names of a file are put back to this when it has ended. */
function rememberGlobals() {
  const globals = new Map(Reflect.ownKeys(globalThis).map((name) => [name, describe(globalThis, name)]));
  const env = { ...process.env };
  const { exit } = process;
  return () => {
    for (const name of Reflect.ownKeys(globalThis)) {
      const before = globals.get(name);
      const now = describe(globalThis, name);
      if (!now.configurable) continue;
      if (before === undefined) delete globalThis[name];
      else if ('value' in before && before.value !== now.value) Object.defineProperty(globalThis, name, before);
    }
    for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
    Object.assign(process.env, env);
    process.exit = exit;
  };
}

const describe = Object.getOwnPropertyDescriptor;

/**
 * Runs test files in the context of Node itself, where packages live as well (see runtime.mjs): an error of a package is an
 * `Error` of the test, and names such as `Promise` are found as fast as in the product. What a file leaves in the globals,
 * the environment variables or the console goes when it ends.
 */
export default class MainContextEnvironment extends TestEnvironment {
  #restore = rememberGlobals();

  constructor(config, context) {
    super(config, context);
    this.global = globalThis;
    this.moduleMocker = new this.moduleMocker.constructor(globalThis);
    this.fakeTimersModern = new this.fakeTimersModern.constructor({ config: config.projectConfig, global: globalThis });
  }

  async teardown() {
    await super.teardown();
    this.global = null;
    this.#restore();
  }
}
