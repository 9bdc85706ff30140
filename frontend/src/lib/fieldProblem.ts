/** Why an input was not taken: a code of the service with the numbers of its sentence, or a sentence of our own. */
export interface FieldCode {
  readonly code: string
  readonly params: Readonly<Record<string, number | string>>
}
export type FieldProblem = string | FieldCode
