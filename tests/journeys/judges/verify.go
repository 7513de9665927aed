// go run verify.go LEAF CA CRL EPOCH_SECONDS: prints good, revoked REASON or refused.
package main

import (
	"crypto/x509"
	"fmt"
	"os"
	"strconv"
	"time"
)

func main() {
	leaf := certificate(os.Args[1])
	authority := certificate(os.Args[2])
	list, err := x509.ParseRevocationList(contents(os.Args[3]))
	stop(err)
	seconds, err := strconv.ParseInt(os.Args[4], 10, 64)
	stop(err)
	now := time.Unix(seconds, 0)
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	_, err = leaf.Verify(x509.VerifyOptions{
		Roots:       roots,
		CurrentTime: now,
		KeyUsages:   []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		refuse(err)
	}
	if err := list.CheckSignatureFrom(authority); err != nil {
		refuse(err)
	}
	if now.Before(list.ThisUpdate) || now.After(list.NextUpdate) {
		refuse(fmt.Errorf("the list is not of now"))
	}
	for _, entry := range list.RevokedCertificateEntries {
		if entry.SerialNumber.Cmp(leaf.SerialNumber) == 0 {
			fmt.Println("revoked", entry.ReasonCode)
			return
		}
	}
	fmt.Println("good")
}

func certificate(path string) *x509.Certificate {
	read, err := x509.ParseCertificate(contents(path))
	stop(err)
	return read
}

func contents(path string) []byte {
	data, err := os.ReadFile(path)
	stop(err)
	return data
}

func refuse(err error) {
	fmt.Println("refused")
	fmt.Fprintln(os.Stderr, err)
	os.Exit(0)
}

func stop(err error) {
	if err != nil {
		panic(err)
	}
}
