/** How the setup page presents whoever runs it; null for what is not given. */
export interface SetupBrand {
  /** Name of the product, 1 to 80 characters. */
  readonly name: string | null;
  /** `#rrggbb`, on which white text has a contrast of 4.5:1 (WCAG 2.2, 1.4.3). */
  readonly color: string | null;
  /** Path of an SVG or PNG file of at most 64 kB, read at start. */
  readonly logoFile: string | null;
  /** Where the page sends who needs help: an https or mailto URL. */
  readonly supportUrl: string | null;
}

/** The setup page, checked and complete. */
export interface ResolvedSetup {
  /** URL under which people reach the application, without its global prefix. */
  readonly publicUrl: string;
  readonly brand: SetupBrand;
  /** Origins whose pages may show the setup page in a frame, and are told what happens on it; none by default. */
  readonly frameAncestors: readonly string[];
  /** https origins that a link's `return_url` may have; none by default. */
  readonly returnOrigins: readonly string[];
}

/** Options of which each may be left out. */
export type Optional<Options> = { readonly [Name in keyof Options]?: Options[Name] | undefined };

/** What a host sets up its setup page with; whatever is left out has its default. */
export interface SetupOptions extends Optional<Omit<ResolvedSetup, 'publicUrl' | 'brand'>> {
  /** The module's own `publicUrl` by default, else the origin of `baseUrlTemplate`. */
  readonly publicUrl?: string | null | undefined;
  readonly brand?: Optional<SetupBrand> | undefined;
}
