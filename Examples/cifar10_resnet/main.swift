// ResNet-20 (He et al. 2016, section 4.2) on CIFAR-10, from nothing. The first epochs see smaller pictures, which cost less;
// the others see them whole, at a rate that falls to nothing.
//
//   swift run -c release cifar10_resnet FOLDER [--epochs 50] [--batch-size 128] [--output cifar10_resnet20.keras]
//                                              [--backup FOLDER] [--threads N]
//
// KERAS_BACKEND=gpu before it trains on a GPU.
//
// Expected: 87.7 % of the test pictures (95.5 % of those it learned from), from JPEGs of quality 75; about 85 s an
// epoch of whole pictures on two cores of an AMD EPYC with AVX2 that do nothing else.
//
// FOLDER holds train/ and test/, each with a folder of pictures of 32 × 32 for every class.

import Foundation
import Keras

struct Settings {
  var folder = ""
  var epochs = 50
  var batchSize = 128
  var output = "cifar10_resnet20.keras"
  var backup: String?
  var threads: Int?
}

/// Pictures as bytes; in training shifted by up to an eighth and half of them mirrored, another way in every epoch.
struct Pictures: DataSource {
  var pixels: [UInt8] = []
  var labels: [Int32] = []
  let side: Int
  let batchSize: Int
  let varies: Bool

  init(of folder: String, classes: [String], side: Int, batchSize: Int, varies: Bool) throws {
    (self.side, self.batchSize, self.varies) = (side, batchSize, varies)
    for (label, name) in classes.enumerated() {
      for file in try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)").sorted() {
        let image = try Image(contentsOf: "\(folder)/\(name)/\(file)")
        pixels += try image.resized(to: ImageSize(height: side, width: side), using: .box).pixels
        labels.append(Int32(label))
      }
    }
  }

  var batchCount: Int? { (labels.count + batchSize - 1) / batchSize }

  func batches(inEpoch epoch: Int) -> BatchStream {
    var seeds = SplitMix(state: UInt64(epoch))
    var random = SplitMix(state: seeds.next())
    let order = varies ? labels.indices.shuffled(using: &random) : Array(labels.indices)
    let margin = varies ? side / 8 : 0
    var start = 0
    return BatchStream {
      guard start < order.count else { return nil }
      let chosen = order[start..<min(start + batchSize, order.count)]
      start = chosen.endIndex
      let x = Tensor(uninitialized: [chosen.count, side, side, 3], Float.self) { numbers in
        let ways = chosen.map { place in
          let shift = (0..<2).map { _ in Int.random(in: -margin...margin, using: &random) }
          return (place, shift, varies && Bool.random(using: &random))
        }
        nonisolated(unsafe) let numbers = numbers
        DispatchQueue.concurrentPerform(iterations: ways.count) { row in
          let (place, shift, isMirrored) = ways[row]
          write(place, to: numbers, row, shift, isMirrored: isMirrored)
        }
      }
      return Batch(x, Tensor(chosen.map { labels[$0] }))
    }
  }

  /// One picture as numbers between −1 and 1, and 0 beyond its edges.
  private func write(
    _ place: Int, to numbers: UnsafeMutableBufferPointer<Float>, _ row: Int, _ shift: [Int], isMirrored: Bool
  ) {
    for y in 0..<side {
      for x in 0..<side {
        let (sourceY, shiftedX) = (y + shift[0], x + shift[1])
        let sourceX = isMirrored ? side - 1 - shiftedX : shiftedX
        let isInside = (0..<side).contains(sourceY) && (0..<side).contains(sourceX)
        let (target, source) = ((row * side + y) * side + x, (place * side + sourceY) * side + sourceX)
        for channel in 0..<3 {
          numbers[3 * target + channel] = isInside ? Float(pixels[3 * source + channel]) / 127.5 - 1 : 0
        }
      }
    }
  }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

func convolution(_ x: SymbolicTensor, _ filters: Int, kernel: Int = 3, stride: Int = 1) -> SymbolicTensor {
  let layer = Conv2D(
    filters: filters, kernelSize: [kernel, kernel], strides: [stride, stride], padding: .same,
    usesBias: false,
    kernelInitializer: .heNormal, kernelRegularizer: .l2(2.5e-4))
  return BatchNormalization(momentum: 0.9, epsilon: 1e-5)(layer(x))
}

func resNet20(classes: Int) throws -> Model {
  let image = Input(shape: [nil, nil, 3])
  var x = ReLU()(convolution(image, 16))
  for (stage, filters) in [16, 32, 64].enumerated() {
    for block in 0..<3 {
      let stride = stage > 0 && block == 0 ? 2 : 1
      let shortcut = stride == 1 ? x : convolution(x, filters, kernel: 1, stride: stride)
      let hidden = ReLU()(convolution(x, filters, stride: stride))
      x = ReLU()(Add()([convolution(hidden, filters), shortcut]))
    }
  }
  let scores = Dense(units: classes, activation: .softmax)(GlobalAveragePooling2D()(x))
  return try Model(inputs: [image], outputs: [scores], name: "cifar10_resnet20")
}

var settings = Settings()
var words = CommandLine.arguments.dropFirst().makeIterator()
while let word = words.next() {
  switch word {
  case "--epochs": settings.epochs = words.next().flatMap { Int($0) } ?? settings.epochs
  case "--batch-size": settings.batchSize = words.next().flatMap { Int($0) } ?? settings.batchSize
  case "--output": settings.output = words.next() ?? settings.output
  case "--backup": settings.backup = words.next()
  case "--threads": settings.threads = words.next().flatMap { Int($0) }
  default: settings.folder = word
  }
}
let classes = try FileManager.default.contentsOfDirectory(atPath: "\(settings.folder)/train").sorted()
let model = try resNet20(classes: classes.count)
try model.compile(
  optimizer: .sgd(learningRate: 0.1, momentum: 0.9, isNesterov: true), loss: .sparseCategoricalCrossentropy,
  metrics: [.accuracy], options: ComputeOptions(purpose: .throughput, threads: settings.threads))

let smallEpochs = min(12, settings.epochs / 4)
let phases = [(side: 24, epochs: smallEpochs), (side: 32, epochs: settings.epochs - smallEpochs)]
let fallingEpochs = settings.epochs - smallEpochs - 2
let highestRate = 0.1 * Double(settings.batchSize) / 128
var callbacks: [Callback] = [
  LearningRateScheduler { epoch, _ in
    highestRate
      * min(Double(epoch + 1) / 4, 1, (Double(settings.epochs - epoch) - 0.5) / Double(max(fallingEpochs, 1)))
  },
]
if let backup = settings.backup { callbacks.append(BackupAndRestore(backup, deletesAtEnd: false)) }
var first = 0
for (side, epochs) in phases where epochs > 0 {
  let training = try Pictures(
    of: "\(settings.folder)/train", classes: classes, side: side, batchSize: settings.batchSize, varies: true)
  let testing = try Pictures(
    of: "\(settings.folder)/test", classes: classes, side: side, batchSize: settings.batchSize, varies: false)
  print(
    "\(training.labels.count) pictures of \(side) × \(side) to learn from, \(testing.labels.count) to test on"
  )
  let log = CSVLogger(settings.output + ".csv", appends: first > 0 || settings.backup != nil)
  try model.fit(
    training, epochs: first + epochs, initialEpoch: first, validationData: testing, validationInterval: 5,
    callbacks: callbacks + [log])
  first += epochs
}

let classifier = try ImageModel(
  model, preprocessing: .tf, labels: ClassLabels(classes.map { ClassLabel(id: $0, name: $0) }),
  imageSize: ImageSize(height: 32, width: 32), resizing: .bilinearSquash)
try classifier.save(to: settings.output)
print("saved as \(settings.output)")
