import KerasCore
import Testing

struct JSONTests {
  @Test func readsEveryKindOfValue() throws {
    let json = try JSON(
      parsing: """
        {"a": null, "b": [true, false], "c": -7, "d": 1.0, "e": 2.5e-3, "f": "x", "g": {}, "h": []}
        """)
    #expect(
      json == [
        "a": nil, "b": [true, false], "c": -7, "d": 1.0, "e": 0.0025, "f": "x", "g": [:], "h": [],
      ])
    #expect(json["c"]?.integer == -7)
    #expect(json["c"]?.number == -7)
    #expect(json["d"]?.integer == nil)
    #expect(json["b"]?[1]?.bool == false)
    #expect(json["b"]?[2] == nil)
    #expect(json["f"]?["x"] == nil)
    #expect(json["a"]?.isNull == true)
    #expect(json.object?.keys == ["a", "b", "c", "d", "e", "f", "g", "h"])
  }

  @Test func readsWhatPythonWritesBeyondTheStandard() throws {
    let json = try JSON(parsing: "[NaN, Infinity, -Infinity]")
    #expect(json[0]?.number?.isNaN == true)
    #expect(json[1] == .number(.infinity))
    #expect(json[2] == .number(-.infinity))
    #expect(json.text() == "[NaN, Infinity, -Infinity]")
  }

  @Test(arguments: [
    ("9223372036854775807", JSON.integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808)),
    ("-9223372036854775809", .number(-9_223_372_036_854_775_808)),
    ("1000000000000000000000000000000", .number(0x1.93e5939a08ceap+99)),
    ("0", .integer(0)), ("-0", .integer(0)), ("-0.0", .number(-0.0)), ("1e999", .number(.infinity)),
    ("1E+2", .number(100)), (" \n\t7 ", .integer(7)), ("\u{FEFF}7", .integer(7)),
  ])
  func readsNumbers(text: String, value: JSON) throws {
    #expect(try JSON(parsing: text) == value)
  }

  @Test(arguments: [
    (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\u20ac""#, "é€"),
    (#""\ud83d\ude00""#, "😀"), (#""\ud83d""#, "\u{FFFD}"), (#""\ude00x""#, "\u{FFFD}x"),
    (#""\ud83d\u0041""#, "\u{FFFD}A"), (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"), ("\"naïve 漢字\"", "naïve 漢字"),
    (#""\u0000""#, "\0"),
  ])
  func readsStrings(text: String, value: String) throws {
    let json = try JSON(parsing: text)
    #expect(json.string.map { Array($0.utf8) } == Array(value.utf8))
    #expect(try JSON(parsing: json.text()) == json)
  }

  @Test func lastOfTwoEqualKeysCounts() throws {
    let json = try JSON(parsing: #"{"a": 1, "b": 2, "a": 3}"#)
    #expect(json.text() == #"{"a": 3, "b": 2}"#)
  }

  @Test func keysThatOnlyLookTheSameStayApart() throws {
    let json = try JSON(parsing: #"{"\u00e9": 1, "e\u0301": 2}"#)
    #expect(json.object?.count == 2)
    #expect(json["\u{E9}"] == 1)
    #expect(json["e\u{301}"] == 2)
  }

  @Test func orderOfKeysIsKeptAndDoesNotMatter() {
    let one: JSON = ["a": 1, "b": 2], other: JSON = ["b": 2, "a": 1]
    #expect(one == other)
    #expect(one.hashValue == other.hashValue)
    #expect(one.text() != other.text())
    #expect(one != ["a": 1, "c": 2])
    #expect(one != ["a": 1])
  }

  @Test func objectsChange() {
    var object = JSONObject((0..<40).map { ("k\($0)", JSON.integer($0)) })
    #expect(object["k39"] == 39)
    object["k20"] = nil
    object["k21"] = JSON.null
    object["new"] = [1, 2]
    #expect(object.count == 40)
    #expect(object["k20"] == nil)
    #expect(object["k21"] == .null)
    #expect(object["k22"] == 22)
    #expect(object.keys.last == "new")
    #expect(object.map(\.key) == object.keys)
  }

  @Test func numbersRoundTrip() throws {
    let numbers: [Double] = [
      1, -0.0, 0.1, 1e-05, 1e16, 1e22, .greatestFiniteMagnitude, .pi, 123_456_789.125,
    ]
    let json = JSON.array(numbers.map(JSON.number))
    #expect(try JSON(parsing: json.text()) == json)
    #expect(JSON.number(1).text() == "1.0")
    #expect(JSON.number(0.001).text() == "0.001")
  }

  @Test func writesIndented() {
    let json: JSON = ["name": "a\"b\\\n\u{1}", "shape": [nil, 3], "empty": [], "none": [:]]
    #expect(
      json.text(indented: true) == """
        {
          "name": "a\\"b\\\\\\n\\u0001",
          "shape": [
            null,
            3
          ],
          "empty": [],
          "none": {}
        }
        """)
  }

  @Test(arguments: [
    ("", "line 1, column 1: expected a value, found the end of the text"),
    ("{\n  \"a\": 1,\n  b\n}", "line 3, column 3: expected a key in quotation marks, found b"),
    ("[1 2]", "line 1, column 4: expected a comma or ], found 2"),
    ("[1,]", "line 1, column 4: expected a value, found ]"),
    (#"{"a" 1}"#, "line 1, column 6: expected a colon after a key, found 1"),
    (#"{"a": 1"#, "line 1, column 8: expected a comma or }, found the end of the text"),
    ("\"a", "line 1, column 1: a string does not end"),
    ("\"a\nb\"", "line 1, column 3: expected a closing quotation mark, found the byte 0xA"),
    (#""\x""#, "line 1, column 2: a backslash begins no escape"),
    ("\"\\", "line 1, column 2: a backslash begins no escape"),
    (#""\u12g4""#, "line 1, column 2: \\u is not followed by four hexadecimal digits"),
    ("01", "line 1, column 1: a number begins with 0"),
    ("1.", "line 1, column 3: expected a digit, found the end of the text"),
    ("-", "line 1, column 2: expected a digit, found the end of the text"),
    ("nul", "line 1, column 1: expected a value, found n"),
    ("1 x", "line 1, column 3: expected the end of the text, found x"),
    ("[\"é\", x]", "line 1, column 7: expected a value, found x"),
    ("\0", "line 1, column 1: expected a value, found the byte 0x0"),
  ])
  func complains(text: String, what: String) {
    let error = #expect(throws: KerasError.self) { try JSON(parsing: text) }
    #expect(error == KerasError(.invalidFile, "The JSON cannot be read: \(what)."))
  }

  @Test func complainsAboutBytesThatAreNotUTF8() {
    let error = #expect(throws: KerasError.self) {
      try JSON(parsing: [0x22, 0x61, 0xFF, 0x22] as [UInt8])
    }
    #expect(error?.what == "The JSON cannot be read: line 1, column 1: a string is not UTF-8.")
  }

  @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
  func nestingHasALimit(opening: String, closing: String) throws {
    func nested(_ levels: Int) -> String {
      String(repeating: opening, count: levels) + "1" + String(repeating: closing, count: levels)
    }
    _ = try JSON(parsing: nested(JSON.deepestNesting))
    for levels in [JSON.deepestNesting + 1, 10_000, 200_000] {
      let error = #expect(throws: KerasError.self) { try JSON(parsing: nested(levels)) }
      #expect(error?.what.contains("nested more than 512 levels deep") == true)
    }
  }

  @Test func anyBytesAreReadOrRefused() {
    let random = CounterRandom(seed: 5)
    let sound = Array(#"{"a": [1, -2.5e3, "x\u00e9\n", null], "b": {"c": true, "d": NaN}, "é": []}"#.utf8)
    for round in 0..<2000 as Range<UInt64> {
      var bytes = sound
      for change in 0...round % 3 {
        let bits = random.bits(stream: round, at: change)
        bytes[Int(bits >> 8) % bytes.count] = UInt8(truncatingIfNeeded: bits)
      }
      if let json = try? JSON(parsing: bytes) { #expect((try? JSON(parsing: json.text())) != nil) }
    }
  }
}
