import Foundation
import KerasBenchmarkTurns
import KerasFiles
import KerasModels

// KerasModelBenchmark read|open|load|prepare FILE THREADS: one contestant of Benchmarks/models.
//   read     the bytes of the file
//   open     a .keras file, every weight taken out of it
//   load     a model of a file, its weights in place
//   prepare  a model from an architecture as JSON, up to its first prediction of one image

@main
struct ModelBenchmark {
  static func main() throws {
    let words = CommandLine.arguments
    guard words.count == 4, let threads = Int(words[3]), let run = task(words[1], words[2], threads) else {
      print("KerasModelBenchmark read|open|load|prepare FILE THREADS")
      exit(64)
    }
    let start = seconds()
    try run()
    try takeTurns(preparedSince: start) { try run() }
  }

  private static func task(_ name: String, _ path: String, _ threads: Int) -> (() throws -> Void)? {
    switch name {
    case "read": { _ = try Data(contentsOf: URL(filePath: path)) }
    case "open":
      {
        for (_, object) in try KerasArchive(path: path).weights.all {
          for variable in object.variables { _ = try variable.tensor() }
        }
      }
    case "load": { _ = try Session.withFresh { () throws in try Model.load(from: path) } }
    case "prepare":
      {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let model = try Session.withFresh { () throws in try Model.fromJSON(text) }
        let lengths = model.input.shape.dropFirst().compactMap { $0 }
        _ = try model.predict(Tensor(zeros: [1] + lengths), options: ComputeOptions(threads: threads))
      }
    default: nil
    }
  }
}
