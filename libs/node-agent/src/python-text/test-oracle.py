# CPython answers for its own text rules: one line {"rule", "items"} in, one line with a list of answers out.
# Values travel tagged (test-tagged.ts), bytes as hexadecimal digits, errors as their type and message.
import base64, json, os, struct, sys


def floating(digits):
    return struct.unpack('>d', bytes.fromhex(digits))[0]


def untag(tagged):
    if tagged is None or isinstance(tagged, (bool, str)):
        return tagged
    kind, content = tagged
    if kind == 'int':
        return int(content)
    if kind == 'float':
        return floating(content)
    if kind == 'list':
        return [untag(item) for item in content]
    return {key: untag(item) for key, item in content}


def tag(value):
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return ['int', str(value)]
    if isinstance(value, float):
        # Which NaN it is cannot be seen in any text.
        return ['float', '7ff8000000000000' if value != value else struct.pack('>d', value).hex()]
    if isinstance(value, list):
        return ['list', [tag(item) for item in value]]
    return ['dict', [[key, tag(item)] for key, item in value.items()]]


def depth(shape):
    opening, count, closing = shape
    json.loads(opening * count + '1' + closing * count)
    return 'read'


def leading(first):
    def read(point):
        try:
            return str(int(chr(point) + '7'))
        except ValueError:
            return '-'
    return ' '.join(read(point) for point in range(first, first + 256))


RULES = {
    'repr-text': repr,
    'repr-value': lambda tagged: repr(untag(tagged)),
    'str-value': lambda tagged: str(untag(tagged)),
    'float-repr': lambda digits: repr(floating(digits)),
    'float-str': lambda digits: str(floating(digits)),
    'json-dumps': lambda tagged: json.dumps(untag(tagged)),
    'json-loads': lambda text: tag(json.loads(text)),
    'json-loads-bytes': lambda digits: tag(json.loads(bytes.fromhex(digits))),
    'json-depth': depth,
    'base64-decode': lambda text: base64.b64decode(text).hex(),
    'base64-json': lambda text: tag(json.loads(base64.b64decode(text))),
    'base64-encode': lambda digits: base64.b64encode(bytes.fromhex(digits)).decode(),
    'decode-replace': lambda digits: bytes.fromhex(digits).decode('utf-8', 'replace'),
    'decode-strict': lambda digits: bytes.fromhex(digits).decode('utf-8'),
    'encode-strict': lambda text: text.encode('utf-8').hex(),
    'int': lambda text: str(int(text)),
    'fsdecode': lambda digits: os.fsdecode(bytes.fromhex(digits)),
    'fsencode': lambda text: os.fsencode(text).hex(),
    'equals': lambda pair: untag(pair[0]) == untag(pair[1]),
    'int-block': leading,
    'printable': lambda first: ''.join('1' if chr(point).isprintable() else '0' for point in range(first, first + 256)),
}


def answer(rule, item):
    try:
        return RULES[rule](item)
    except Exception as error:
        kind = type(error)
        name = kind.__qualname__ if kind.__module__ == 'builtins' else kind.__module__ + '.' + kind.__qualname__
        return {'error': name, 'message': str(error)}


for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps([answer(request['rule'], item) for item in request['items']]), flush=True)
