/** A table's value under a name from outside; what every object inherits (constructor, toString) is not in a table. */
export const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined
