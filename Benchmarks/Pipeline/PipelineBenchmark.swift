import Foundation
import KerasBenchmarkTurns
import KerasCore
import KerasPreprocessing

/// KerasPipelineBenchmark FOLDER THREADS: goes once through the JPEGs of a folder that holds a folder for each class,
/// whenever it is asked to (see takeTurns): decoded, resized to 224 × 224, mirrored or not, cut to 200 × 200 somewhere,
/// in batches of 32 with their labels.
@main struct PipelineBenchmark {
  static func main() throws {
    let start = seconds()
    let words = CommandLine.arguments
    guard words.count == 3, let threads = Int(words[2]) else {
      print("usage: KerasPipelineBenchmark FOLDER THREADS")
      exit(64)
    }
    let folder = try ImageFolder(words[1], size: ImageSize(side: 224))
    let view = ImageFolder.RandomView(isMirrored: true, crop: ImageSize(side: 200), seed: 1)
    let data = try folder.data(batchSize: 32, view: view, workers: threads)
    var epoch = 0
    try takeTurns(preparedSince: start) {
      let batches = try data.batches(inEpoch: epoch)
      epoch += 1
      var count = 0
      while let batch = try batches.next() { count += batch.count }
      guard count == folder.files.paths.count else {
        throw KerasError(.invalidFile, "Expected \(folder.files.paths.count) pictures, found \(count).")
      }
    }
  }
}
