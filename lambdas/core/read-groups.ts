/** The consumer groups that the operator reads messages with; each is deleted after its read. */
export const READ_GROUP_PREFIX = 'keeper-read-'
