package plain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// imageMagic is how images of compiled zones begin (docs/image.md).
var imageMagic = []byte("\x89PMZ\r\n\x1a\n")

// IsImage reports whether bytes are meant to be an image of a compiled zone, and not a document.
func IsImage(data []byte) bool { return bytes.HasPrefix(data, imageMagic) }

// imageErrors say what the module's codes mean and what to do.
var imageErrors = map[string]string{
	"not-an-image":            "it is not an image of a compiled zone: give the file that `pointsman compile` wrote",
	"image-format-version":    "the image is of another version of the format: compile the zone's documents again with the version that opens the image",
	"image-semantics-version": "the image was compiled under another version of the semantics: compile the zone's documents again with the version that opens the image",
	"image-damaged":           "the image was cut off or changed on the way: copy the file again, in binary mode, and compare its size and digest",
	"image-malformed":         "the image does not hold what its format says: compile the zone's documents again",
}

// ImageError says why an image was not opened, by the module's stable code.
type ImageError struct{ Code string }

// Error is a sentence with what to do.
func (e *ImageError) Error() string {
	if sentence, known := imageErrors[e.Code]; known {
		return fmt.Sprintf("%s (%s)", sentence, e.Code)
	}
	return "the image cannot be opened: " + e.Code
}

// OpenZone opens an image of a compiled zone. The error is an ImageError where it is the image's.
func (i *Instance) OpenZone(ctx context.Context, image []byte) (Zone, error) {
	handle, err := i.with(ctx, "pointsman_zone_open", image)
	if err != nil {
		return Zone{}, err
	}
	if handle == 0 {
		code, err := i.text(ctx)
		return Zone{}, errors.Join(err, &ImageError{code})
	}
	return i.describe(ctx, handle)
}

// ZoneImage is a zone as an image, which OpenZone opens in another instance.
func (i *Instance) ZoneImage(ctx context.Context, zone uint32) ([]byte, error) {
	image, status, err := i.say(ctx, "pointsman_zone_image", uint64(zone))
	if err == nil && status != OK {
		err = fmt.Errorf("the image of a zone: %v", status)
	}
	return []byte(image), err
}

// CompileZone is a zone's documents as an image, by an instance that is thrown away.
func (e *Engine) CompileZone(ctx context.Context, zoneName string, documents []Document) ([]byte, []Finding, error) {
	instance, err := e.Instantiate(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = instance.Close(ctx) }()
	zone, findings, err := instance.LoadZone(ctx, zoneName, documents)
	if err != nil {
		return nil, findings, err
	}
	image, err := instance.ZoneImage(ctx, zone.Handle)
	return image, findings, err
}
