// Package seal keeps secrets secret: at rest, where a Keyring seals them before
// they reach the store, and in print, where Secret and Mask replace them.
//
// # Rotating keys
//
// The key file holds one key a line, "id:base64 of 32 bytes". The highest id
// seals, every id opens. To rotate:
//
//  1. Append a key with a higher id than any before, and give the same file to
//     every replica: echo "2:$(openssl rand -base64 32)" >> FILE
//  2. Restart the replicas. What is sealed from now on carries the new id. Until
//     the last replica has restarted, those with the old file answer an error
//     that names the new id for such texts; nothing is lost or changed by it.
//  3. Seal anew what Keyring.Stale reports. Older texts still open meanwhile.
//  4. Remove the old line once no record names its id. If one still does, opening
//     it is an error that names the id: put the line back.
//
// Whoever loses the key file loses every secret sealed with it, and a store dump
// does not hold it: keep a copy apart from the dumps.
package seal
