// For `tsc` over the modules: what the library offers is taken as it is. Not served.
declare const uPlot: any;
export default uPlot;
