import { domainToASCII, domainToUnicode } from 'node:url'

/**
 * An address that mail can go to. Before the @ SES takes 7-bit ASCII alone:
 * https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Destination.html
 */
export const MAIL_ADDRESS = /^(?=[\x21-\x7e]+@)[^\s@<>",;:]+@[^\s@<>",;:]+\.[^\s@<>",;:.]+$/

/** With its domain in Punycode, as SES takes it: `ada@xn--bcher-kva.example`. */
export const asciiAddress = (address: string): string => withDomain(address, domainToASCII)

/** With its domain as people may have written it: `ada@bücher.example`. */
export const unicodeAddress = (address: string): string => withDomain(address, domainToUnicode)

/** What cannot be converted is left as it is, for SES to refuse. */
function withDomain(address: string, convert: (domain: string) => string): string {
  const at = address.lastIndexOf('@') + 1
  return address.slice(0, at) + (convert(address.slice(at)) || address.slice(at))
}
