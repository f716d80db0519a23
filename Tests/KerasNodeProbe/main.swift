// A node of a group for the tests, in a process of its own, on this machine. The secret comes from KERAS_NODES_SECRET.
//
// KerasNodeProbe NODES NUMBER PATIENCE WORK   the nodes as KERAS_NODES has them; PATIENCE in seconds
//
// WORK: `meet` says who is there; `exchange` sends bytes around; `agree TEXT` compares the text; `stay` waits for a line.

import Glibc
import KerasGraph

@testable import KerasXLABackend

func work(_ member: NodeMember, _ words: [String]) throws(KerasError) -> String {
  let group = member.group
  switch words[0] {
  case "exchange":
    // Whoever comes first waits; what is sent is of every size that plugins send.
    var sizes: [Int] = []
    for count in [0, 1, 1000, 3 << 20] {
      do throws(StoreFault) {
        try member.store.put(
          Array("bytes \(count) of \(group.number)".utf8),
          [UInt8](repeating: UInt8(group.number), count: count))
        for number in 0..<group.count {
          let found = try member.store.get(Array("bytes \(count) of \(number)".utf8), within: .seconds(20))
          guard found.allSatisfy({ $0 == UInt8(number) }) else { return "node \(number) sent something else" }
          sizes.append(found.count)
        }
      } catch { return "\(error)" }
    }
    try member.agree(on: "probes", [1])
    return "exchanged \(sizes.reduce(0, +)) bytes"
  case "agree":
    try member.agree(on: "words", Array(words[1].utf8))
    return "agreed"
  case "stay":
    _ = Array("here\n".utf8).withUnsafeBytes { writeAll($0, to: STDOUT_FILENO) }
    _ = readLine()
    return "left"
  default:
    return "met \(group.count)"
  }
}

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 4, let number = Int(arguments[1]), let patience = Double(arguments[2]) else {
  print("usage: KerasNodeProbe NODES NUMBER PATIENCE WORK")
  exit(64)
}
do throws(KerasError) {
  let group = try NodeGroup(
    arguments[0].split(separator: ",").map(String.init), number: number, secret: .found(), patience: patience)
  let member = try NodeMember(group)
  print(try work(member, Array(arguments[3...])))
  // The first node stays until the others have what they came for.
  if number == 0, arguments[3] == "exchange" { usleep(500_000) }
} catch {
  print(error)
  exit(1)
}
