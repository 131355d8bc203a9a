// Verifies a ledger of Taffrail's with the libraries of the transparency log projects: golang.org/x/mod/sumdb/note
// for the checkpoint, github.com/transparency-dev/merkle for hashes, roots and proofs.
//
//	audit ledger DIR KEY
//	audit proof PROOF RECORD KEY
//
// Prints what is wrong and exits 1, or exits 0.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

type checkpoint struct {
	size uint64
	root []byte
}

func openCheckpoint(data []byte, key string) (checkpoint, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return checkpoint{}, err
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return checkpoint{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return checkpoint{}, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseUint(lines[1], 10, 64)
	if err != nil {
		return checkpoint{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	return checkpoint{size, root}, err
}

func tilePath(kind string, index, width uint64) string {
	path := fmt.Sprintf("%03d", index%1000)
	for index >= 1000 {
		index /= 1000
		path = fmt.Sprintf("x%03d/%s", index%1000, path)
	}
	path = "tile/" + kind + "/" + path
	if width < 256 {
		path += fmt.Sprintf(".p/%d", width)
	}
	return path
}

// Records and hashes of one bundle, held against the tile of their hashes.
func readBundle(dir string, index, width uint64) ([][]byte, error) {
	path := tilePath("entries", index, width)
	data, err := os.ReadFile(filepath.Join(dir, path))
	if err != nil {
		return nil, err
	}
	tile, err := os.ReadFile(filepath.Join(dir, tilePath("0", index, width)))
	if err != nil {
		return nil, err
	}
	var leaves [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("%s: cut off", path)
		}
		size := int(binary.BigEndian.Uint16(data))
		leaves = append(leaves, rfc6962.DefaultHasher.HashLeaf(data[2:2+size]))
		data = data[2+size:]
	}
	if uint64(len(leaves)) != width || !bytes.Equal(bytes.Join(leaves, nil), tile) {
		return nil, fmt.Errorf("%s: not the %d records that its tile has the hashes of", path, width)
	}
	return leaves, nil
}

func verifyLedger(dir, key string) error {
	data, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	signed, err := openCheckpoint(data, key)
	if err != nil {
		return err
	}
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	tree := factory.NewEmptyRange(0)
	for index := uint64(0); index*256 < signed.size; index++ {
		leaves, err := readBundle(dir, index, min(256, signed.size-index*256))
		if err != nil {
			return err
		}
		for _, leaf := range leaves {
			if err := tree.Append(leaf, nil); err != nil {
				return err
			}
		}
	}
	root, err := tree.GetRootHash(nil)
	if err != nil {
		return err
	}
	if !bytes.Equal(root, signed.root) {
		return fmt.Errorf("the records do not lead to the root that was signed")
	}
	return nil
}

func verifyProof(proofFile, recordFile, key string) error {
	text, err := os.ReadFile(proofFile)
	if err != nil {
		return err
	}
	record, err := os.ReadFile(recordFile)
	if err != nil {
		return err
	}
	head, rest, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("no tlog-proof file")
	}
	index, err := strconv.ParseUint(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	var hashes [][]byte
	for _, line := range lines[2:] {
		hash, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return err
		}
		hashes = append(hashes, hash)
	}
	signed, err := openCheckpoint([]byte(rest), key)
	if err != nil {
		return err
	}
	leaf := rfc6962.DefaultHasher.HashLeaf(record)
	return proof.VerifyInclusion(rfc6962.DefaultHasher, index, signed.size, leaf, hashes, signed.root)
}

func main() {
	err := fmt.Errorf("usage: audit ledger DIR KEY | audit proof PROOF RECORD KEY")
	if len(os.Args) == 4 && os.Args[1] == "ledger" {
		err = verifyLedger(os.Args[2], os.Args[3])
	} else if len(os.Args) == 5 && os.Args[1] == "proof" {
		err = verifyProof(os.Args[2], os.Args[3], os.Args[4])
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
