import KerasCore
import KerasFiles
import KerasLayers
import KerasStore
import KerasWeights

/// 50,000 pictures for training and 10,000 for tests, 32×32 in colour, of 10 classes, as
/// `keras.datasets.cifar10`.
///
/// By Alex Krizhevsky, Vinod Nair and Geoffrey Hinton, https://www.cs.toronto.edu/~kriz/cifar.html
public enum CIFAR10 {
  /// What the class numbers stand for.
  public static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  /// - Parameter dataFormat: where channels stand; Keras' settings say it where it is left out.
  /// - Returns: x `[samples, 32, 32, 3]` and y `[samples, 1]`, both uint8.
  /// - Throws: as ``MNIST/load(fileName:from:)``.
  public static func load(
    dataFormat: DataFormat = .default, from store: WeightStore = WeightStore()
  ) throws(KerasError) -> Dataset {
    let batches = (1...5).map { "cifar-10-batches-py/data_batch_\($0)" } + ["cifar-10-batches-py/test_batch"]
    return try CIFARFiles(DatasetFiles.cifar10, extractedAs: "cifar-10-batches-py-target", labelKey: "labels")
      .load(training: Array(batches.dropLast()), test: batches[5], dataFormat, store)
  }
}

/// 50,000 pictures for training and 10,000 for tests, 32×32 in colour, of 100 classes in 20 groups, as
/// `keras.datasets.cifar100`.
public enum CIFAR100 {
  /// Raw values are Keras'.
  public enum Labels: String, Hashable, Sendable, CaseIterable {
    /// 100 classes.
    case fine
    /// 20 groups.
    case coarse
  }

  /// - Returns: x `[samples, 32, 32, 3]` and y `[samples, 1]`, both uint8.
  /// - Throws: as ``MNIST/load(fileName:from:)``.
  public static func load(
    labels: Labels = .fine, dataFormat: DataFormat = .default, from store: WeightStore = WeightStore()
  ) throws(KerasError) -> Dataset {
    try CIFARFiles(
      DatasetFiles.cifar100, extractedAs: "cifar-100-python-target", labelKey: "\(labels.rawValue)_labels"
    ).load(training: ["cifar-100-python/train"], test: "cifar-100-python/test", dataFormat, store)
  }
}

/// Pictures in Python's pickles, in an archive or in the folder where Keras has unpacked one.
struct CIFARFiles {
  let archive: DatasetFile
  /// The folder that Keras 3 unpacks into; TF-Keras unpacks beside the archive.
  let folder: String
  let labelKey: String
  /// A batch of 50,000 pictures and its labels take 154 MB.
  private static let largest = 256 << 20

  init(_ archive: DatasetFile, extractedAs folder: String, labelKey: String) {
    self.archive = archive
    self.folder = folder
    self.labelKey = labelKey
  }

  func load(
    training: [String], test: String, _ dataFormat: DataFormat, _ store: WeightStore
  ) throws(KerasError) -> Dataset {
    let files = try contents(of: training + [test], store)
    var parts: [(x: [Tensor], y: [UInt8])] = []
    for names in [training, [test]] {
      var (pictures, labels): ([Tensor], [UInt8]) = ([], [])
      for name in names {
        let (x, y) = try within(name) { () throws(KerasError) in try batch(files[name] ?? [], dataFormat) }
        pictures.append(x)
        labels += y
      }
      parts.append((pictures, labels))
    }
    func column(_ labels: [UInt8]) throws(KerasError) -> Tensor {
      try Tensor(labels, shape: [labels.count, 1])
    }
    return try Dataset(
      joinedRows(parts[0].x), column(parts[0].y), joinedRows(parts[1].x), column(parts[1].y))
  }

  /// From the folder, if Keras has unpacked one; else from the archive, of which nothing is unpacked onto the
  /// disk.
  private func contents(of names: [String], _ store: WeightStore) throws(KerasError) -> [String: [UInt8]] {
    for base in store.home.readFolders(archive.folder).flatMap({ [joined($0, folder), $0] }) {
      guard isFolder(joined(base, parentFolder(names[0]) ?? "")) else { continue }
      var files: [String: [UInt8]] = [:]
      do throws(KerasError) {
        for name in names { files[name] = try readFile(joined(base, name), atMost: Self.largest) }
        return files
      } catch  where error.kind == .fileNotFound {
        // Unpacking was interrupted.
      }
    }
    return try Self.contents(of: names, in: store.path(for: archive))
  }

  static func contents(of names: [String], in archive: String) throws(KerasError) -> [String: [UInt8]] {
    try TarFile.bytes(of: Set(names), in: archive, atMost: largest)
  }

  func batch(
    _ bytes: [UInt8], _ dataFormat: DataFormat
  ) throws(KerasError) -> (x: Tensor, y: [UInt8]) {
    guard case .dictionary(let dictionary) = try PickleReader.value(in: bytes),
      case .array(let array)? = dictionary.entries["data"],
      case .list(let labels)? = dictionary.entries[labelKey]
    else {
      throw KerasError(.invalidFile, "Expected a batch with `data` and `\(labelKey)`, found something else.")
    }
    let pixels = try array.pixels()
    let numbers = labels.items.compactMap(\.integer).compactMap { UInt8(exactly: $0) }
    guard pixels.rank == 2, pixels.shape[1] == 3 * 32 * 32, numbers.count == pixels.shape[0],
      numbers.count == labels.items.count
    else {
      throw KerasError(
        .invalidFile,
        "Expected rows of 3072 bytes with a label each, found \(Shape(pixels.shape)) and \(labels.items.count)."
      )
    }
    let planes = try pixels.reshaped(to: [pixels.shape[0], 3, 32, 32])
    return (dataFormat == .channelsFirst ? planes : planes.withChannelsLast(), numbers)
  }
}

/// Tensors one behind the other along the first axis.
private func joinedRows(_ tensors: [Tensor]) -> Tensor {
  guard let first = tensors.first, tensors.count > 1 else {
    return tensors.first ?? Tensor(zeros: [0], .uint8)
  }
  let count = tensors.reduce(0) { $0 + $1.shape[0] }
  return Tensor(uninitialized: [count] + first.shape.dropFirst(), first.dataType) { bytes in
    var place = 0
    for tensor in tensors {
      tensor.withUnsafeBytes { source in
        UnsafeMutableRawBufferPointer(rebasing: bytes[place..<place + source.count]).copyMemory(from: source)
        place += source.count
      }
    }
  }
}

extension Tensor {
  /// Bytes `[samples, channels, height, width]` with the channels last.
  fileprivate func withChannelsLast() -> Tensor {
    let (count, channels, places) = (shape[0], shape[1], shape[2] * shape[3])
    return withUnsafeScalars(of: UInt8.self) { source in
      Tensor(uninitialized: [count, shape[2], shape[3], channels], UInt8.self) { target in
        for sample in 0..<count {
          let start = sample * channels * places
          for place in 0..<places {
            for channel in 0..<channels {
              target[start + place * channels + channel] = source[start + channel * places + place]
            }
          }
        }
      }
    }
  }
}
