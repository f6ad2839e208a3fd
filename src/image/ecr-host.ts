/**
 * A private registry of Amazon's, with its region as the first group: `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, and with both kinds
 * of addresses `ACCOUNT.dkr-ecr.REGION.on.aws`.
 */
export const ecrHost =
  /^\d{12}\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.(?:aws|amazonwebservices\.com\.cn))$/
