/** Tells a worker that it is the one that serves the demo app and names the way to the owner. */
export const firstArgument = 'first'
