// Command gen compiles the schema beside it to Go, with no compiler to install.
package main

import (
	"context"
	"fmt"
	"os"
	"regexp"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/cmd/protoc-gen-go/internal_gengo"
	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

// toolVersion is a line that tells how this program was built, which must not
// change what it generates.
var toolVersion = regexp.MustCompile(`(?m)^// protoc-gen-go-vtproto version: .*\n`)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run expects to start in the root of the module, so that the descriptors are
// registered under paths no other module uses.
func run(files []string) error {
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(&protocompile.SourceResolver{}),
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	compiled, err := compiler.Compile(context.Background(), files...)
	if err != nil {
		return err
	}
	var protos []*descriptorpb.FileDescriptorProto
	for _, f := range compiled {
		protos = append(protos, protodesc.ToFileDescriptorProto(f))
	}
	plugin, err := protogen.Options{}.New(&pluginpb.CodeGeneratorRequest{
		FileToGenerate: files,
		ProtoFile:      protos,
		Parameter:      new("paths=source_relative"),
	})
	if err != nil {
		return err
	}
	for _, f := range plugin.Files {
		internal_gengo.GenerateFile(plugin, f)
	}
	if err := generateFast(plugin); err != nil {
		return err
	}
	for _, f := range plugin.Response().GetFile() {
		content := toolVersion.ReplaceAllString(f.GetContent(), "")
		if err := os.WriteFile(f.GetName(), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}
