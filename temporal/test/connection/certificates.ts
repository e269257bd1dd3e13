import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'

/** The PEM files of a certificate and its key. */
export interface Certificate {
  crt: string
  key: string
}

/** Creates a CA with openssl in a folder. Its certificates are valid for a day. */
export const createCertificateAuthority = (folder: string, name: string) => {
  const filesOf = (commonName: string): Certificate => ({
    crt: path.join(folder, `${commonName}.crt`),
    key: path.join(folder, `${commonName}.key`),
  })
  const requestCertificate = (...args: string[]) =>
    execFileSync('openssl', ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...args], { stdio: 'pipe' })
  const ca = filesOf(name)
  requestCertificate('-x509', '-days', '1', '-subj', `/CN=${name}`, '-keyout', ca.key, '-out', ca.crt)
  return {
    crt: ca.crt,
    /** Issues a certificate. `subjectAltName` is the address for which the certificate is valid, such as `DNS:temporal.example`. */
    issue: (commonName: string, subjectAltName: string): Certificate => {
      const issued = filesOf(commonName)
      const [csr, extensions] = [path.join(folder, `${commonName}.csr`), path.join(folder, `${commonName}.ext`)]
      writeFileSync(extensions, `subjectAltName=${subjectAltName}\n`)
      requestCertificate('-subj', `/CN=${commonName}`, '-keyout', issued.key, '-out', csr)
      const issuer = ['-CA', ca.crt, '-CAkey', ca.key, '-CAcreateserial', '-days', '1', '-extfile', extensions]
      execFileSync('openssl', ['x509', '-req', '-in', csr, ...issuer, '-out', issued.crt], { stdio: 'pipe' })
      return issued
    },
  }
}
