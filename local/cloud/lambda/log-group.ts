/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html */
export const logGroupOf = (functionName: string): string => `/aws/lambda/${functionName}`
