/** Tells a worker that it is the one that serves the demo app. */
export const demoArgument = 'demo'
