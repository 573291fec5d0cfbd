/** The file of the package `htm` that stands here when the page is served: preact, its hooks and htm in one. */
export * from 'htm/preact/standalone';
