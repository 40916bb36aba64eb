/** A function is named by its name or its ARN, with or without a version. */
export const functionNameOf = (given: string): string =>
  /:function:([^:]+)/.exec(given)?.[1] ?? given.split(':')[0] ?? given
