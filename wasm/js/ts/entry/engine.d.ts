/** What the build makes of ../whole.ts: all of its modules anew with each call. Errors are of one class in all engines. */
declare module "pointsman:engine" {
  export function make(errors: typeof import("../error.js")): typeof import("../whole.js");
}
