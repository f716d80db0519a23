import CShippedWeights
import KerasCore

/// ResNet-20 for the ten classes of CIFAR-10: trained with this package (`Examples/cifar10_resnet`) and part of it, so
/// that it needs no network.
enum CIFAR10Weights {
  static let files = [
    WeightFile(
      fileName: "cifar10_resnet20.keras", model: "CIFAR10ResNet20", variant: nil, includesTop: true, classes: 10,
      dataset: "CIFAR-10", preprocessing: .tf, folder: "keras-for-swift", remoteName: "cifar10_resnet20.keras",
      baseURL: "", byteCount: shipped_cifar10_resnet20().size, hash: FileHash(.sha256, hash),
      provenance: WeightProvenance(
        licence: "MIT", licenceURL: "https://opensource.org/license/mit", origin: "Keras for Swift",
        originURL: ""),
      edition: nil, isShipped: true)
  ]

  private static let hash = "1319e750806e1611e93dfb4d9df6c634ca3c8476190498532db7d958f1bc8899"
}

extension WeightCatalog {
  /// A file that is part of this package: in memory, for as long as the program runs. Nil for all others.
  package static func shippedBytes(named fileName: String) -> UnsafeRawBufferPointer? {
    guard fileName == CIFAR10Weights.files[0].fileName else { return nil }
    let file = shipped_cifar10_resnet20()
    return UnsafeRawBufferPointer(start: file.start, count: file.size)
  }
}

extension ClassLabels {
  /// The ten classes of CIFAR-10 (Krizhevsky 2009).
  public static let cifar10 = ClassLabels(
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"].map {
      ClassLabel(id: $0, name: $0)
    })
}
