/** 1 to 255 visible ASCII characters, as a header takes them. */
export const idempotencyKeyPattern = /^[\x21-\x7e]{1,255}$/;
