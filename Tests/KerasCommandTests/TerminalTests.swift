import Foundation
import KerasTestSupport
import Testing

/// What a person at a terminal sees; `script` (util-linux) gives the command one.
@Suite(
  .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script"), "there is no `script` here"))
struct TerminalTests {
  let workplace: Workplace
  let options = "--weights \(Fixtures.weights.path) --alpha 0.0625 --image-size 32 --classes 4 --top 1"

  init() throws { workplace = try Workplace() }

  /// What a line of shell writes to a terminal of so many columns.
  private func terminal(_ line: String, columns: Int = 80) throws -> String {
    try workplace.put("stty cols \(columns); \(line)".utf8, at: "line.sh")
    return try workplace.shell("script -qec 'sh line.sh' /dev/null").output
      .split(separator: "\r\n", omittingEmptySubsequences: false).joined(separator: "\n")
  }

  @Test func tablesFitNarrowTerminals() throws {
    let narrow = try terminal("keras models", columns: 40)
    #expect(narrow.hasPrefix("vgg16\n  size        553.5 MB\n  input       224\n  parameters  138,357,544\n"))
    #expect(narrow.split(separator: "\n").allSatisfy { $0.count <= 40 })
    #expect(try terminal("keras models") == ModelsTests.table)
  }

  /// The line that counts is below the results, says of how many, and is gone at the end.
  @Test func progressOfManyPictures() throws {
    let disc = try Fixtures.picture("disc.png")
    for number in 10_000..<13_000 { try workplace.put(disc, at: "many/\(number).png") }
    let output = try terminal("keras classify many --batch-size 1 \(options)")
    #expect(output.contains(" of 3,000 pictures, "))
    let wiped = output.replacing(/\r\x{1B}\[K[^\r]* pictures, [0-9,]+ a second\r\x{1B}\[K/, with: "")
    #expect(wiped.split(separator: "\n").count == 6000 && !wiped.contains("\u{1B}"))
  }

  /// The model being planned, and nothing of it at the end.
  @Test func progressOfPlans() throws {
    let output = try terminal("keras plan mobilenet mobilnet vgg16 --image-size 64 --no-latency")
    for line in ["1 of 3: mobilenet", "2 of 3: mobilnet", "3 of 3: vgg16"] {
      #expect(output.contains("\r\u{1B}[K\(line)\r\u{1B}[K"), "\(output.debugDescription)")
    }
    let wiped = output.replacing(/\r\x{1B}\[K[0-9]+ of 3: [a-z0-9]+\r\x{1B}\[K/, with: "")
    #expect(!wiped.contains("\u{1B}") && wiped.hasPrefix("error: There is neither a file nor a model called"))
    #expect(wiped.contains("\nmodel ") && wiped.contains("\nvgg16 "))
  }

  @Test func interruptedItLeavesNothingBehind() throws {
    let disc = try Fixtures.picture("disc.png")
    for number in 10_000..<20_000 { try workplace.put(disc, at: "many/\(number).png") }
    // It opens the pipe after the pictures and waits there for bytes; the interrupt comes instead.
    let output = try terminal(
      """
      mkfifo last.png
      (exec 3> last.png; kill -INT $(cat process)) &
      sh -c 'echo $$ > process; exec keras classify many last.png --batch-size 1 \(options) > names.txt'
      echo code $?
      """)
    #expect(output.hasSuffix("\r\u{1B}[Kcode 130\n"), "\(output.suffix(200).debugDescription)")
  }
}
