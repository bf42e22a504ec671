#!/usr/bin/env python3
"""Small image files of every kind that twoview decodes, and what Pillow makes of them: packages/twoview/test/fixtures/decode.

    pip install pillow==13.0.0 numpy
    python3 packages/twoview/scripts/make-decode-fixtures.py

expected.json: for each file the mean colours of a grid of 4 x 4 cells, turned as EXIF says, transparent parts on white, in sRGB.
"""
import io, json, os, struct, zlib
import numpy as np
from PIL import Image, ImageCms, ImageOps

OUT = os.path.join(os.path.dirname(__file__), '..', 'test', 'fixtures', 'decode')
SIDE = 32


def smooth(height=SIDE, width=SIDE):
    """Colours that tell the place, so that turns, crops and exchanged channels show."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([255 * x / (width - 1), 255 * y / (height - 1), 255 - 127.5 * (x / (width - 1) + y / (height - 1))], -1)


def png(path, samples, color, chunks=b''):
    """16 bits a sample, which Pillow writes for grey alone."""
    height, width = samples.shape[:2]
    chunk = lambda kind, data: struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    rows = b''.join(b'\0' + row.astype('>u2').tobytes() for row in samples)
    head = chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 16, color, 0, 0, 0))
    bits = chunk(b'sBIT', chunks) if chunks else b''
    with open(path, 'wb') as file:
        file.write(b'\x89PNG\r\n\x1a\n' + head + bits + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))


def bmp(path, rows, bits, compression=0, masks=(), palette=b'', header=40, height=SIDE):
    """Kinds of BMP that Pillow reads and does not write."""
    extra = b''.join(struct.pack('<I', mask) for mask in masks)
    info = struct.pack('<IiiHHIIiiII', header, SIDE, height, 1, bits, compression, len(rows), 2835, 2835, len(palette) // 4, 0)
    info += extra if header > 40 else b''
    info += bytes(header - len(info)) if header > len(info) else b''
    after = b'' if header > 40 else extra
    at = 14 + len(info) + len(after) + len(palette)
    with open(path, 'wb') as file:
        file.write(b'BM' + struct.pack('<IHHI', at + len(rows), 0, 0, at) + info + after + palette + rows)


def cells(image):
    """In sRGB, on white, as floats: [4][4][3]."""
    size = image.size[0] // 4
    pixels = np.asarray(image.convert('RGB'), dtype=float)
    return [[pixels[y * size:(y + 1) * size, x * size:(x + 1) * size].mean((0, 1)).round(2).tolist() for x in range(4)] for y in range(4)]


def on_white(image):
    rgba = image.convert('RGBA')
    return Image.alpha_composite(Image.new('RGBA', rgba.size, 'white'), rgba)


def main():
    os.makedirs(OUT, exist_ok=True)
    at = lambda name: os.path.join(OUT, name)
    picture = Image.fromarray(smooth().round().astype('uint8'))
    expected = {}

    def keep(name, like=None, tolerance=2):
        image = like if like is not None else ImageOps.exif_transpose(Image.open(at(name)))
        expected[name] = {'cells': cells(on_white(image)), 'tolerance': tolerance}

    picture.save(at('plain.jpg'), quality=92, subsampling=0); keep('plain.jpg')
    picture.save(at('progressive.jpg'), quality=92, progressive=True); keep('progressive.jpg')
    picture.convert('L').save(at('grey.jpg'), quality=92); keep('grey.jpg')
    picture.convert('CMYK').save(at('cmyk.jpg'), quality=92); keep('cmyk.jpg', tolerance=4)
    big = Image.fromarray(smooth(512, 512).round().astype('uint8'))
    big.save(at('large.jpg'), quality=60); keep('large.jpg', tolerance=4)

    for orientation in range(2, 9):
        exif = Image.Exif(); exif[0x112] = orientation
        picture.save(at(f'turned{orientation}.jpg'), quality=95, subsampling=0, exif=exif); keep(f'turned{orientation}.jpg', tolerance=4)
    exif = Image.Exif(); exif[0x112] = 6
    for kind, ending, options in (('PNG', 'png', {}), ('WEBP', 'webp', {'lossless': True}), ('TIFF', 'tif', {}), ('AVIF', 'avif', {'quality': 95})):
        picture.save(at(f'turned.{ending}'), kind, exif=exif, **options); keep(f'turned.{ending}', tolerance=4)

    # A profile whose primaries are exchanged: whoever ignores it shows another colour.
    def profiled():
        wide = ImageCms.ImageCmsProfile(io.BytesIO(SWAPPED))
        converted = ImageCms.profileToProfile(picture, wide, ImageCms.createProfile('sRGB'), renderingIntent=0)
        return converted
    try:
        SWAPPED = ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes()
        swapped = bytearray(SWAPPED)
        tags = {SWAPPED[132 + 12 * i:136 + 12 * i]: 132 + 12 * i for i in range(struct.unpack('>I', SWAPPED[128:132])[0])}
        red, green = tags[b'rXYZ'], tags[b'gXYZ']
        swapped[red + 4:red + 12], swapped[green + 4:green + 12] = SWAPPED[green + 4:green + 12], SWAPPED[red + 4:red + 12]
        SWAPPED = bytes(swapped)
        picture.save(at('profile.png'), icc_profile=SWAPPED); keep('profile.png', profiled(), tolerance=6)
        picture.save(at('profile.jpg'), quality=95, subsampling=0, icc_profile=SWAPPED); keep('profile.jpg', profiled(), tolerance=8)
    except KeyError:
        raise SystemExit('this littleCMS writes profiles without primaries')

    picture.save(at('plain.png')); keep('plain.png', tolerance=0)
    picture.quantize(16).save(at('palette.png')); keep('palette.png', tolerance=1)
    picture.convert('1').save(at('bits1.png')); keep('bits1.png', tolerance=1)
    alpha = picture.copy(); alpha.putalpha(Image.fromarray(np.tile(np.linspace(0, 255, SIDE).astype('uint8'), (SIDE, 1))))
    alpha.save(at('alpha.png')); keep('alpha.png', tolerance=1)
    alpha.convert('LA').save(at('grey-alpha.png')); keep('grey-alpha.png', tolerance=1)
    alpha.save(at('alpha.webp'), lossless=True, exact=True); keep('alpha.webp', tolerance=1)
    picture.save(at('plain.webp'), quality=95); keep('plain.webp', tolerance=6)
    picture.save(at('plain.gif')); keep('plain.gif', tolerance=1)
    picture.save(at('frames.gif'), save_all=True, append_images=[Image.new('RGB', picture.size, 'black')]); keep('frames.gif', tolerance=1)
    picture.save(at('plain.avif'), quality=95); keep('plain.avif', tolerance=6)
    for name, options in (('plain', {}), ('lzw', {'compression': 'tiff_lzw'}), ('deflate', {'compression': 'tiff_adobe_deflate'}), ('packbits', {'compression': 'packbits'})):
        picture.save(at(f'{name}.tif'), **options); keep(f'{name}.tif', tolerance=0)
    alpha.save(at('alpha.tif')); keep('alpha.tif', tolerance=1)
    picture.convert('CMYK').save(at('cmyk.tif')); keep('cmyk.tif', tolerance=1)

    picture.save(at('plain.bmp')); keep('plain.bmp', tolerance=0)
    picture.quantize(64).save(at('palette8.bmp')); keep('palette8.bmp', tolerance=0)
    picture.convert('1').save(at('bits1.bmp')); keep('bits1.bmp', tolerance=0)
    pixels = np.asarray(picture).astype('uint32')
    five = lambda c: pixels[::-1, :, c] >> 3
    bmp(at('bits16.bmp'), (five(0) << 10 | five(1) << 5 | five(2)).astype('<u2').tobytes(), 16); keep('bits16.bmp', tolerance=1)
    bmp(at('masks565.bmp'), (five(0) << 11 | (pixels[::-1, :, 1] >> 2) << 5 | five(2)).astype('<u2').tobytes(), 16, 3, (0xf800, 0x7e0, 0x1f)); keep('masks565.bmp', tolerance=1)
    value = np.asarray(alpha).astype('uint32')[::-1]
    packed = value[..., 3] << 24 | value[..., 0] << 16 | value[..., 1] << 8 | value[..., 2]
    bmp(at('alpha32.bmp'), packed.astype('<u4').tobytes(), 32, 3, (0xff0000, 0xff00, 0xff, 0xff000000), header=124); keep('alpha32.bmp', tolerance=1)
    bmp(at('plain32.bmp'), packed.astype('<u4').tobytes(), 32); keep('plain32.bmp', tolerance=0)
    bmp(at('top-down.bmp'), packed[::-1].astype('<u4').tobytes(), 32, height=-SIDE); keep('top-down.bmp', tolerance=0)
    few = picture.quantize(16)
    index = np.asarray(few)[::-1]
    colours = b''.join(bytes((b, g, r, 0)) for r, g, b in np.array(few.getpalette()[:48]).reshape(-1, 3))
    runs = b''
    for row in index:  # a pair of equal bytes a pixel: runs of one
        runs += b''.join(bytes((1, int(value))) for value in row) + b'\0\0'
    bmp(at('rle8.bmp'), runs + b'\0\1', 8, 1, palette=colours); keep('rle8.bmp', tolerance=0)
    runs = b''
    for row in index:  # literals of 32 nibbles
        runs += bytes((0, SIDE)) + bytes(int(a) << 4 | int(b) for a, b in row.reshape(-1, 2)) + b'\0\0'
    bmp(at('rle4.bmp'), runs + b'\0\1', 4, 2, palette=colours); keep('rle4.bmp', tolerance=0)

    # More than 8 bits: all of them show the same picture once they are scaled by the range that they use.
    grey = Image.fromarray(smooth()[..., 0].round().astype('uint8'))
    deep = smooth() / 255
    png(at('deep16.png'), deep * 65535, 2); keep('deep16.png', picture)
    png(at('declared12.png'), deep * 4095, 2, bytes((12, 12, 12))); keep('declared12.png', picture)
    faded = np.dstack([deep * 65535, np.tile(np.linspace(0, 65535, SIDE), (SIDE, 1))])
    png(at('deep-alpha.png'), faded, 6); keep('deep-alpha.png', alpha)
    Image.fromarray((deep[..., 0] * 4095).astype('uint16')).save(at('declared12.tif'), tiffinfo={281: 4095}); keep('declared12.tif', grey)
    Image.fromarray((deep[..., 0] * 65535).astype('uint16')).save(at('deep16.tif')); keep('deep16.tif', grey)
    Image.fromarray(deep[..., 0].astype('float32')).save(at('float.tif')); keep('float.tif', grey)

    with open(at('expected.json'), 'w') as file:
        json.dump({'pillow': Image.__version__, 'files': expected}, file, indent=1, sort_keys=True)
        file.write('\n')


main()
