/** @file The contract with the server, under one name. */
export * from '../../../server/src/api.js';
